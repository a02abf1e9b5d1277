#pragma once

#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/doorbell.hpp"

/// Internal to node.
namespace takt::node::internal {

/// What any thread rings and any number of tasks, of any loops, listen to: there from the beginning, while a Doorbell
/// needs a running loop. Thread safe.
class Bells {
 public:
  Bells() = default;
  Bells(const Bells&) = delete;
  Bells& operator=(const Bells&) = delete;

  /// Never waits for a task.
  void ring() noexcept;

  class Listening;

 private:
  std::mutex mutex_;
  std::vector<async::Doorbell*> doorbells_;
};

/// A task's ear, for as long as it lives: what is rung meanwhile ends a wait, also one that begins later. Look for what
/// happened before only after it was made.
class Bells::Listening {
 public:
  /// @throws LogicError outside of a task
  Listening(Bells& bells, std::string_view name);
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
  ~Listening();

  [[nodiscard]] async::Doorbell::Waiter wait() noexcept { return doorbell_.wait(); }
  [[nodiscard]] async::Doorbell::Waiter operator co_await() noexcept { return doorbell_.wait(); }

  /// Waits until the loop has looked at its timers and at the other threads once, which yield() does not do.
  [[nodiscard]] async::Doorbell::Waiter next_turn() noexcept {
    doorbell_.ring();
    return doorbell_.wait();
  }

 private:
  Bells& bells_;
  async::Doorbell doorbell_;
};

/// Waits until `condition()`, asked now and after each ring, is true. False: it was not within `limit`.
/// Cancellation: Cancelled.
template <class Condition>
async::Task<bool> until(Bells& bells, Condition condition, std::optional<async::Duration> limit,
                        std::string_view name) {
  Bells::Listening listening(bells, name);
  const auto wait = [&]() -> async::Task<void> {
    while (!condition()) {
      co_await listening;
    }
  };
  if (!limit) {
    co_await wait();
    co_return true;
  }
  co_return co_await async::with_timeout(*limit, wait()) || condition();
}

}  // namespace takt::node::internal
