#pragma once

#include <concepts>
#include <functional>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "takt/async/internal/outcome.hpp"

/// Internal to async.
namespace takt::async::internal {

template <class F>
concept TakesStopToken = std::invocable<F&, std::stop_token>;
template <class F>
concept Offloadable = TakesStopToken<F> || std::invocable<F&>;

template <Offloadable F>
struct OffloadResult {
  using type = ResultOf<std::invoke_result_t<F&>>;
};
template <TakesStopToken F>
struct OffloadResult<F> {
  using type = ResultOf<std::invoke_result_t<F&, std::stop_token>>;
};
/// What co_await offload(F) gives.
template <class F>
using OffloadResultOf = typename OffloadResult<F>::type;

/// A function with what comes of its one call; one that takes a stop_token can be asked to stop. A value.
template <class F>
class StoppableCall {
 public:
  using Result = OffloadResultOf<F>;

  explicit StoppableCall(F function) : function_(std::move(function)) {}

  void run() noexcept {
    outcome_.set_from([this]() -> decltype(auto) { return invoke(); });
  }
  void request_stop() noexcept {
    if constexpr (TakesStopToken<F>) {
      stop_.request_stop();
    }
  }
  [[nodiscard]] const std::exception_ptr& error() const noexcept { return outcome_.error(); }
  Result take() { return outcome_.take(); }

 private:
  struct NoStop {};

  decltype(auto) invoke() {
    if constexpr (TakesStopToken<F>) {
      return std::invoke(function_, stop_.get_token());
    } else {
      return std::invoke(function_);
    }
  }

  F function_;
  Outcome<Result> outcome_;
  [[no_unique_address]] std::conditional_t<TakesStopToken<F>, std::stop_source, NoStop> stop_;
};

}  // namespace takt::async::internal
