#include "takt/node/node.hpp"

#include <algorithm>

#include "takt/async/tasks/exception_group.hpp"
#include "takt/node/internal/facilities.hpp"
#include "takt/node/internal/timer_core.hpp"
#include "takt/node/internal/waitable_core.hpp"

namespace takt::node {

Node::Node(std::string_view name, std::shared_ptr<bus::Bus> bus, const NodeOptions& options)
    : core_(std::make_shared<internal::NodeCore>(internal::full_node_name(options.node_namespace, name),
                                                 options.enclave, std::move(bus))) {
  core_->announce();
  try {
    facilities_ = std::make_unique<internal::Facilities>(core_, options);
  } catch (...) {
    core_->destroy();  // the destructor will not
    throw;
  }
}

Node::~Node() {
  destroy();
}

async::Task<void> Node::run() {
  const auto core = core_;
  const auto body = [core] { return core->wait_destroyed(); };
  co_await with_node(*this, body);
}

void Node::destroy() noexcept {
  core_->destroy();
}

bool Node::destroyed() const noexcept {
  return core_->destroyed();
}

async::Task<void> Node::drain(async::Duration limit) {
  return core_->drain(limit);
}

Timer Node::make_timer(async::Duration period, Timer::Handler callback, const TimerOptions& options) {
  return Timer(make<internal::TimerCore>(period, std::move(callback), options));
}

Attachment Node::attach(const std::string& name, std::shared_ptr<Waitable> waitable, const WaitableOptions& options) {
  return Attachment(make<internal::WaitableCore>(name, std::move(waitable), options));
}

Clock& Node::clock() noexcept {
  return core_->clock();
}

void Node::use_sim_time(bool on) {
  core_->check_alive("use_sim_time");
  const auto done = parameters().set("use_sim_time", on);
  if (!done) {
    throw LogicError("node " + name() + ": " + done.error());
  }
}

Parameters& Node::parameters() noexcept {
  return facilities_->parameters();
}

Logger& Node::logger() noexcept {
  return facilities_->logger();
}

const std::string& Node::name() const noexcept {
  return core_->name();
}

bus::Bus& Node::bus() const noexcept {
  return core_->bus();
}

Graph Node::graph() const {
  return Graph(core_->graph().all());
}

async::Task<bool> Node::wait_for_node(std::string name, std::optional<async::Duration> limit) {
  const auto core = core_;
  if (!name.starts_with('/')) {
    name.insert(name.begin(), '/');
  }
  const auto there = [&] { return core->destroyed() || core->graph().has_node(name); };
  const bool came = co_await internal::until(core->graph().changed(), there, limit, "node " + name);
  co_return came && !core->destroyed();
}

void destroy_nodes(bus::Bus& bus) noexcept {
  for (const auto& node : bus.shared<internal::LocalGraph>().nodes()) {
    node->destroy();
  }
}

namespace internal {
namespace {

class DestroyAtEnd {
 public:
  explicit DestroyAtEnd(NodeCore& node) noexcept : node_(node) {}
  DestroyAtEnd(const DestroyAtEnd&) = delete;
  DestroyAtEnd& operator=(const DestroyAtEnd&) = delete;
  ~DestroyAtEnd() { node_.destroy(); }

 private:
  NodeCore& node_;
};

/// Says only that this node was destroyed.
bool is_end_of(const NodeCore& node, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const NodeDestroyed& destroyed) {
    return destroyed.node() == node.name();
  } catch (const async::ExceptionGroup& group) {
    return std::ranges::all_of(group.failures(),
                               [&](const async::Failure& failure) { return is_end_of(node, failure.error); });
  } catch (...) {
    return false;
  }
}

}  // namespace

async::Task<void> run_body(NodeCore& node, async::Task<void> body) {
  const DestroyAtEnd end(node);
  const auto whole = [&body] { return std::move(body); };
  const std::exception_ptr error = co_await thrown_by_task(whole);
  if (error != nullptr && !is_end_of(node, error)) {
    std::rethrow_exception(error);
  }
}

}  // namespace internal
}  // namespace takt::node
