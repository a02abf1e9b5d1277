#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

/// Internal to async.
namespace takt::async::internal {

/// What a call that returns R gives its task: an rvalue reference would dangle, so the value itself.
template <class R>
using ResultOf = std::conditional_t<std::is_rvalue_reference_v<R>, std::remove_cvref_t<R>, R>;

/// What came of a call on another thread: a value, a reference, nothing, or what it threw.
template <class T>
class Outcome {
  using Stored = std::conditional_t<
      std::is_void_v<T>, std::monostate,
      std::conditional_t<std::is_reference_v<T>, std::remove_reference_t<T>*, std::remove_const_t<T>>>;

 public:
  template <class F>
  void set_from(F&& call) noexcept {
    try {
      if constexpr (std::is_void_v<T>) {
        std::forward<F>(call)();
      } else if constexpr (std::is_reference_v<T>) {
        value_ = std::addressof(std::forward<F>(call)());
      } else {
        value_.emplace(std::forward<F>(call)());
      }
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  [[nodiscard]] const std::exception_ptr& error() const noexcept { return error_; }

  /// @throws what the call threw
  T take() {
    if (error_) {
      std::rethrow_exception(std::move(error_));
    }
    if constexpr (std::is_reference_v<T>) {
      return **value_;
    } else if constexpr (!std::is_void_v<T>) {
      return std::move(*value_);
    }
  }

 private:
  std::optional<Stored> value_;
  std::exception_ptr error_;
};

}  // namespace takt::async::internal
