#pragma once

#include <functional>
#include <type_traits>
#include <utility>

#include "takt/async/internal/outcome.hpp"
#include "takt/async/offload.hpp"
#include "takt/async/tasks/task.hpp"

namespace takt::async {

namespace internal {

/// Where an Asyncified calls its function: on the pool of offload().
struct OnPool {
  template <class F>
  [[nodiscard]] auto run(F&& call) const {
    return offload(std::forward<F>(call));
  }
};

// `function` is kept by whoever made the task: see Asyncified. The arguments are the task's.
template <class F, class Place, class... Args>
Task<ResultOf<std::invoke_result_t<F&, Args...>>> call_elsewhere(F* function, Place place, Args... args) {
  co_return co_await place.run(
      [&]() -> std::invoke_result_t<F&, Args...> { return std::invoke(*function, std::move(args)...); });
}
template <class F, class Place, class... Args>
Task<ResultOf<std::invoke_result_t<F&, Args...>>> call_elsewhere_and_keep(F function, Place place, Args... args) {
  co_return co_await place.run(
      [&]() -> std::invoke_result_t<F&, Args...> { return std::invoke(function, std::move(args)...); });
}

}  // namespace internal

/// A blocking function made awaitable. From asyncify() and InferenceThread::wrap(). A value that holds the function; as
/// a class member:
///
///   class Policy {
///     Action infer(const Image& image);                                     // blocks
///    public:
///     Asyncified<std::function<Action(Image)>> get_action{[this](const Image& image) { return infer(image); }};
///   };
///   Action action = co_await policy.get_action(image);
///   Action same = policy.get_action.sync(image);
///
/// Arguments are decayed into the task, as std::thread does: give std::ref for a reference that outlives the call. A
/// pointer to member takes the object's address first. An Asyncified must outlive the tasks it made, except for one
/// that is called as a temporary: `asyncify(f)(x)` takes the function into its task. Tasks that run side by side call
/// the same function object at the same time.
///
/// Cancellation: as of offload() or InferenceThread::run().
template <class F, class Place = internal::OnPool>
class Asyncified {
 public:
  explicit Asyncified(F function, Place place = {}) : function_(std::move(function)), place_(std::move(place)) {}

  template <class... Args>
    requires std::invocable<F&, std::decay_t<Args>...>
  [[nodiscard]] auto operator()(Args&&... args) & {
    return internal::call_elsewhere<F, Place, std::decay_t<Args>...>(&function_, place_, std::forward<Args>(args)...);
  }
  template <class... Args>
    requires std::invocable<const F&, std::decay_t<Args>...>
  [[nodiscard]] auto operator()(Args&&... args) const& {
    return internal::call_elsewhere<const F, Place, std::decay_t<Args>...>(&function_, place_,
                                                                           std::forward<Args>(args)...);
  }
  template <class... Args>
    requires std::invocable<F&, std::decay_t<Args>...>
  [[nodiscard]] auto operator()(Args&&... args) && {
    return internal::call_elsewhere_and_keep<F, Place, std::decay_t<Args>...>(std::move(function_), place_,
                                                                              std::forward<Args>(args)...);
  }

  /// The function itself, on the calling thread.
  template <class... Args>
    requires std::invocable<F&, Args...>
  decltype(auto) sync(Args&&... args) {
    return std::invoke(function_, std::forward<Args>(args)...);
  }
  template <class... Args>
    requires std::invocable<const F&, Args...>
  decltype(auto) sync(Args&&... args) const {
    return std::invoke(function_, std::forward<Args>(args)...);
  }

 private:
  F function_;
  Place place_;
};

/// Makes a blocking function awaitable: `co_await asyncify(f)(x)` is offload of f(x). A function, a callable object or
/// a pointer to member.
template <class F>
[[nodiscard]] Asyncified<std::decay_t<F>> asyncify(F&& function) {
  return Asyncified<std::decay_t<F>>(std::forward<F>(function));
}

}  // namespace takt::async
