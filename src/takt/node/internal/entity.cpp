#include "takt/node/internal/entity.hpp"

#include <cstddef>
#include <exception>
#include <utility>

#include "takt/async/tasks/exception_group.hpp"
#include "takt/async/tasks/wait.hpp"
#include "takt/core/error.hpp"
#include "takt/node/internal/node_core.hpp"

namespace takt::node::internal {
namespace {

constexpr std::size_t kTaskNameBytes = 31;  // that a nursery keeps

}  // namespace

Entity::Entity(std::shared_ptr<NodeCore> node, std::string kind, std::string name)
    : node_(std::move(node)), kind_(std::move(kind)), name_(std::move(name)) {}

/// Marks the task as running for a block, in a scope that destroy() cancels.
class Entity::Running {
 public:
  Running(Entity& entity, async::CancelScope& scope) noexcept : entity_(entity) { entity_.scope_ = &scope; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    entity_.scope_ = nullptr;
    if (entity_.destroyed()) {
      entity_.close_once();
    }
    entity_.node_->task_ended();
  }

 private:
  Entity& entity_;
};

async::Task<void> Entity::supervise(std::shared_ptr<Entity> self) {
  if (self->destroyed()) {
    co_return;
  }
  async::CancelScope scope;
  const Running running(*self, scope);
  try {
    static_cast<void>(co_await scope.run(self->run()));
  } catch (const async::Cancelled&) {
    throw;
  } catch (...) {
    if (self->title().size() <= kTaskNameBytes) {
      throw;
    }
    throw async::ExceptionGroup({{self->title(), std::current_exception()}});  // the task's name is cut off
  }
}

void Entity::destroy() noexcept {
  if (destroyed_.exchange(true, std::memory_order_acq_rel)) {
    return;
  }
  const auto self = shared_from_this();  // the node's list may hold the last other one
  stop_listening();
  if (scope_ != nullptr) {
    scope_->cancel("it was destroyed");
  } else {
    close_once();
  }
  node_->forget(*this);
}

void Entity::close_once() noexcept {
  if (!std::exchange(closed_, true)) {
    close();
    node_->entity_closed();
  }
}

void Entity::check_alive(const char* what) const {
  if (destroyed()) {
    throw LogicError(std::string(what) + ": the " + title() + " was destroyed");
  }
}

std::string Entity::title() const {
  return kind_ + " " + name_ + " of " + node_->name();
}

}  // namespace takt::node::internal
