#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>

#include "takt/async/tasks/task.hpp"

/// Internal to node.
namespace takt::node::internal {

/// Callable with these arguments, giving R or Task<R>.
template <class F, class R, class... Args>
concept Handles = std::invocable<F&, Args...> && (std::same_as<std::invoke_result_t<F&, Args...>, R> ||
                                                  std::same_as<std::invoke_result_t<F&, Args...>, async::Task<R>>);

/// A user's function, plain or a coroutine. Plain ones cost a call, no coroutine.
template <class R, class... Args>
class Handler {
 public:
  Handler() = default;
  template <Handles<R, Args...> F>
  explicit Handler(F function) {
    if constexpr (std::same_as<std::invoke_result_t<F&, Args...>, R>) {
      plain_ = std::move(function);
    } else {
      coroutine_ = std::move(function);
    }
  }

  /// False for one made of nothing.
  [[nodiscard]] explicit operator bool() const noexcept { return plain_ || coroutine_; }
  [[nodiscard]] bool is_plain() const noexcept { return static_cast<bool>(plain_); }
  /// @pre is_plain()
  R call(Args... args) { return plain_(std::forward<Args>(args)...); }
  /// @pre !is_plain(). What the arguments refer to must outlive the task.
  [[nodiscard]] async::Task<R> start(Args... args) { return coroutine_(std::forward<Args>(args)...); }

 private:
  std::move_only_function<R(Args...)> plain_;
  std::move_only_function<async::Task<R>(Args...)> coroutine_;
};

/// Counts a handler while it runs.
class InHandler {
 public:
  InHandler(std::size_t& running, std::size_t& most_running) noexcept : running_(running) {
    most_running = std::max(most_running, ++running_);
  }
  InHandler(const InHandler&) = delete;
  InHandler& operator=(const InHandler&) = delete;
  ~InHandler() { --running_; }

 private:
  std::size_t& running_;
};

}  // namespace takt::node::internal
