#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "takt/async/tasks/event.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/bus/bus.hpp"
#include "takt/node/clock.hpp"
#include "takt/node/internal/bells.hpp"
#include "takt/node/internal/entity.hpp"
#include "takt/node/internal/local_graph.hpp"

/// Internal to node.
namespace takt::node::internal {

/// What a Node is made of. Shared by the Node, its entities until they are destroyed, the handles of them, and
/// with_node. Loop thread, where not said otherwise; before the node is entered, one thread at a time.
class NodeCore : public std::enable_shared_from_this<NodeCore> {
 public:
  NodeCore(std::string full_name, std::string enclave, std::shared_ptr<bus::Bus> bus);
  NodeCore(const NodeCore&) = delete;
  NodeCore& operator=(const NodeCore&) = delete;
  /// Shows the node to others. After construction, once.
  void announce();

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] bus::Bus& bus() const noexcept { return *bus_; }
  /// Those that the bus had when the node was made: where it is seen, and its endpoints are.
  [[nodiscard]] const std::vector<std::shared_ptr<bus::Transport>>& transports() const noexcept { return transports_; }
  [[nodiscard]] LocalGraph& graph() const noexcept { return graph_; }
  [[nodiscard]] Clock& clock() noexcept { return clock_; }

  /// Keeps it, and starts its task when the node is entered. @throws LogicError when the node is destroyed
  void add(const std::shared_ptr<Entity>& entity);
  void forget(const Entity& entity) noexcept;
  void entity_closed() noexcept;
  void task_ended() noexcept;

  /// From here until leave() the node is inside. @throws LogicError when it is inside already, or destroyed
  void enter();
  /// Starts the tasks of what was made before. @pre entered
  void start(async::Nursery nursery);
  void leave() noexcept;
  /// Its entities work.
  [[nodiscard]] bool entered() const noexcept { return inside_ != nullptr && inside_->nursery.has_value(); }

  /// Any thread: on another one than the loop's, while the node is entered, it happens there, soon.
  void destroy() noexcept;
  [[nodiscard]] bool destroyed() const noexcept { return destroyed_.load(std::memory_order_acquire); }
  /// @throws LogicError when it is destroyed
  void check_alive(const char* what) const;

  /// Follows /clock, or the wall again. @throws LogicError when it is destroyed
  void use_sim_time(bool on);

  /// Waits until the node is destroyed.
  [[nodiscard]] async::Task<void> wait_destroyed();
  [[nodiscard]] async::Task<void> drain(async::Duration limit);

 private:
  /// What there is while the node is entered.
  struct Inside {
    std::optional<async::Nursery> nursery;  // none before start()
    async::Event destroyed{"node destroyed"};
    async::Event task_ended{"task of the node ended"};
    std::thread::id thread{std::this_thread::get_id()};
  };

  void start_task(const std::shared_ptr<Entity>& entity);
  void withdraw() noexcept;
  [[nodiscard]] bool draining_tasks() const;
  [[nodiscard]] std::vector<std::shared_ptr<Entity>> entities() const;
  static async::Task<void> obey_other_threads(std::shared_ptr<NodeCore> self);

  const std::string name_;
  const std::string enclave_;
  const std::shared_ptr<bus::Bus> bus_;  // with the program and the other nodes
  const std::vector<std::shared_ptr<bus::Transport>> transports_;
  LocalGraph& graph_;
  Clock clock_;
  std::atomic<std::size_t> open_{0};  // entities that are not closed
  std::atomic<bool> announced_{false};
  std::atomic<bool> destroyed_{false};
  std::unique_ptr<Inside> inside_;
  std::weak_ptr<Entity> clock_reader_;

  mutable std::mutex mutex_;  // guards what follows; destroyed_ becomes true under it
  std::vector<std::shared_ptr<Entity>> entities_;
  std::thread::id thread_;  // the loop's, while inside
  bool asked_{false};       // destroy() was called on another thread
  Bells asked_bell_;
};

}  // namespace takt::node::internal
