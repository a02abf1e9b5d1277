#include "takt/node/internal/node_core.hpp"

#include <algorithm>
#include <utility>

#include "takt/core/error.hpp"
#include "takt/node/internal/sim_time.hpp"

namespace takt::node::internal {

NodeCore::NodeCore(std::string full_name, std::string enclave, std::shared_ptr<bus::Bus> bus)
    : name_(std::move(full_name)),
      enclave_(std::move(enclave)),
      bus_(std::move(bus)),
      transports_(bus_->transports()),
      graph_(bus_->shared<LocalGraph>()),
      clock_(name_, *bus_) {}

void NodeCore::announce() {
  graph_.watch(transports_);
  for (const auto& transport : transports_) {
    transport->add_node({.name = name_, .enclave = enclave_});
  }
  announced_ = true;
  graph_.add_node({.name = name_, .enclave = enclave_}, shared_from_this());
}

void NodeCore::add(const std::shared_ptr<Entity>& entity) {
  {
    const std::scoped_lock lock(mutex_);
    check_alive("a new entity");
    entities_.push_back(entity);
    ++open_;
  }
  if (inside_ != nullptr && inside_->nursery) {
    start_task(entity);
  }
}

void NodeCore::start_task(const std::shared_ptr<Entity>& entity) {
  if (entity->has_task()) {
    inside_->nursery->start(entity->title(), Entity::supervise(entity));
  }
}

void NodeCore::forget(const Entity& entity) noexcept {
  const std::scoped_lock lock(mutex_);
  std::erase_if(entities_, [&](const auto& kept) { return kept.get() == &entity; });
}

void NodeCore::entity_closed() noexcept {
  if (--open_ == 0 && destroyed()) {
    withdraw();
  }
}

void NodeCore::withdraw() noexcept {
  if (announced_.exchange(false)) {
    for (const auto& transport : transports_) {
      transport->remove_node(name_);
    }
    graph_.remove_node(*this);
  }
}

void NodeCore::task_ended() noexcept {
  if (inside_ != nullptr) {
    inside_->task_ended.set();
  }
}

void NodeCore::enter() {
  auto inside = std::make_unique<Inside>();
  {
    const std::scoped_lock lock(mutex_);  // from here on another thread's destroy() happens on this one
    check_alive("entering");
    if (thread_ != std::thread::id{}) {
      throw LogicError("entering: node " + name_ + " is running already");
    }
    thread_ = inside->thread;
  }
  inside_ = std::move(inside);
  clock_.enter();
}

void NodeCore::start(async::Nursery nursery) {
  inside_->nursery = nursery;
  nursery.start(name_ + " (destroy)", obey_other_threads(shared_from_this()));
  for (const auto& entity : entities()) {
    start_task(entity);
  }
}

async::Task<void> NodeCore::obey_other_threads(std::shared_ptr<NodeCore> self) {
  const auto asked = [&self] {
    const std::scoped_lock lock(self->mutex_);
    return self->asked_;
  };
  static_cast<void>(co_await until(self->asked_bell_, asked, std::nullopt, "destroy from another thread"));
  self->destroy();
}

void NodeCore::leave() noexcept {
  destroy();
  clock_.leave();
  inside_.reset();
  const std::scoped_lock lock(mutex_);
  thread_ = {};
}

void NodeCore::destroy() noexcept {
  const auto self = shared_from_this();
  std::vector<std::shared_ptr<Entity>> entities;
  {
    const std::scoped_lock lock(mutex_);
    if (thread_ != std::thread::id{} && thread_ != std::this_thread::get_id()) {
      asked_ = true;
      asked_bell_.ring();
      return;
    }
    if (destroyed_.exchange(true, std::memory_order_acq_rel)) {
      return;
    }
    entities.swap(entities_);
  }
  for (const auto& entity : entities) {
    entity->destroy();
  }
  clock_.destroy();
  if (inside_ != nullptr) {
    inside_->destroyed.set();
  }
  graph_.changed().ring();
  if (open_ == 0) {
    withdraw();
  }
}

std::vector<std::shared_ptr<Entity>> NodeCore::entities() const {
  const std::scoped_lock lock(mutex_);
  return entities_;
}

/// Reads /clock for the node's clock, or stands by while another node of this bus and loop does.
class ClockReader final : public Entity {
 public:
  explicit ClockReader(std::shared_ptr<NodeCore> node) : Entity(std::move(node), "clock", "/clock") {}

 private:
  async::Task<void> run() override {
    const auto time = SimTime::of_this_loop(node().bus());
    co_await time->follow(node());
  }
  void close() noexcept override {}
};

void NodeCore::use_sim_time(bool on) {
  check_alive("use_sim_time");
  if (on == clock_.simulated()) {
    return;
  }
  clock_.simulate(on);
  if (on) {
    const auto reader = std::make_shared<ClockReader>(shared_from_this());
    clock_reader_ = reader;
    add(reader);
  } else if (const auto reader = clock_reader_.lock()) {
    reader->destroy();
  }
}

void NodeCore::check_alive(const char* what) const {
  if (destroyed()) {
    throw LogicError(std::string(what) + ": node " + name_ + " was destroyed");
  }
}

async::Task<void> NodeCore::wait_destroyed() {
  co_await inside_->destroyed;
}

bool NodeCore::draining_tasks() const {
  return std::ranges::any_of(entities(), [](const auto& entity) { return entity->drains() && entity->running(); });
}

async::Task<void> NodeCore::drain(async::Duration limit) {
  const auto self = shared_from_this();
  if (inside_ != nullptr && !destroyed()) {
    for (const auto& entity : entities()) {
      entity->begin_drain();
    }
    const auto wait = [self]() -> async::Task<void> {
      while (self->inside_ != nullptr && self->draining_tasks()) {
        self->inside_->task_ended.clear();
        co_await self->inside_->task_ended;
      }
    };
    static_cast<void>(co_await async::with_timeout(limit, wait()));
  }
  destroy();
}

}  // namespace takt::node::internal
