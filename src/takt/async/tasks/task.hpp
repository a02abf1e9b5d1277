#pragma once

#include <concepts>
#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "takt/async/tasks/internal/frame_pool.hpp"
#include "takt/async/tasks/internal/this_thread.hpp"

namespace takt::async {

template <class T = void>
class Task;
class Wait;

namespace internal {

template <class T>
class TaskAwaiter;
[[noreturn]] void throw_empty_task();
[[noreturn]] void throw_no_result();

template <class A>
concept MemberAwaitable = requires(A&& awaitable) { std::forward<A>(awaitable).operator co_await(); };

// The half of a promise that does not depend on the result. A frame is only ever resumed by the loop's pump: co_await
// of a task, and its end, name the frame that comes next and return. So a million awaits in a row and a hundred
// thousand deep need one stack frame, in every build type.
class PromiseBase {
 public:
  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* block, std::size_t size) noexcept { free_frame(block, size); }

  [[nodiscard]] static std::suspend_always initial_suspend() noexcept { return {}; }

  struct FinalAwaiter {
    [[nodiscard]] static bool await_ready() noexcept { return false; }
    template <std::derived_from<PromiseBase> P>
    static void await_suspend(std::coroutine_handle<P> frame) noexcept {
      this_thread.next_frame = frame.promise().continuation_;
    }
    static void await_resume() noexcept {}
  };
  [[nodiscard]] static FinalAwaiter final_suspend() noexcept { return {}; }

  void unhandled_exception() noexcept { error_ = std::current_exception(); }

  template <class T>
  [[nodiscard]] TaskAwaiter<T> await_transform(Task<T>&& task);
  /// A coroutine may wait for tasks and for what is built on Wait: nothing else may resume it.
  template <class A>
    requires std::derived_from<std::remove_cvref_t<A>, Wait>
  [[nodiscard]] A&& await_transform(A&& awaiter) noexcept {
    return std::forward<A>(awaiter);
  }
  template <MemberAwaitable A>
  [[nodiscard]] auto await_transform(A&& awaitable) {
    return std::forward<A>(awaitable).operator co_await();
  }
  template <class T>
  std::suspend_never await_transform(Task<T>& /*task*/) {
    static_assert(!sizeof(T*), "a task is awaited once, which takes it: co_await std::move(task)");
    return {};
  }
  template <class A>
  std::suspend_never await_transform(A&& /*foreign*/) {
    static_assert(!sizeof(std::remove_reference_t<A>*),
                  "a takt task awaits tasks and takt's own waits only: give Asio's operations the token use_task, and "
                  "blocking calls (std::future, other libraries) to offload()");
    return {};
  }

  void set_continuation(std::coroutine_handle<> frame) noexcept { continuation_ = frame; }
  [[nodiscard]] const std::exception_ptr& error() const noexcept { return error_; }

 protected:
  void rethrow_error() {
    if (error_) [[unlikely]] {
      std::rethrow_exception(std::move(error_));
    }
  }

 private:
  std::coroutine_handle<> continuation_;
  std::exception_ptr error_;
};

template <class T>
class Promise final : public PromiseBase {
 public:
  [[nodiscard]] Task<T> get_return_object() noexcept;
  template <class U = T>
    requires std::constructible_from<T, U&&>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  [[nodiscard]] T take_result() {
    rethrow_error();
    if (!value_) [[unlikely]] {
      throw_no_result();
    }
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <class T>
class Promise<T&> final : public PromiseBase {
 public:
  [[nodiscard]] Task<T&> get_return_object() noexcept;
  void return_value(T& value) noexcept { value_ = std::addressof(value); }
  [[nodiscard]] T& take_result() {
    rethrow_error();
    if (value_ == nullptr) [[unlikely]] {
      throw_no_result();
    }
    return *value_;
  }

 private:
  T* value_{nullptr};
};

template <>
class Promise<void> final : public PromiseBase {
 public:
  [[nodiscard]] Task<void> get_return_object() noexcept;
  void return_void() noexcept {}
  void take_result() { rethrow_error(); }
};

}  // namespace internal

/// A piece of asynchronous work: what a coroutine returns. It does nothing until somebody awaits it or a Nursery starts
/// it, then it runs on that loop's thread and no other.
///
///   Task<double> read_force();
///   const double force_n = co_await read_force();
///
/// One owner; movable until it starts. `co_await` takes the task (an lvalue needs std::move), gives its result and
/// throws what it threw. A task that was started always finishes before the scope that started it goes on: it is never
/// destroyed half way. Destroying one that was never started runs nothing of its body.
///
/// Cancellation: awaiting a task is no checkpoint; what the task itself awaits is.
///
/// Write parameters by value: a reference must outlive the task. A capturing lambda must outlive the task that it
/// returned; give the lambda itself, not its task, to Nursery::start, with_nursery and the like, which keep it.
///
/// Frames come from a recycling allocator per thread. Not thread safe.
///
/// @throws LogicError  from co_await, naming the awaiting task, when the task was moved from or awaited before.
template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = internal::Promise<T>;
  using value_type = T;

  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    Task(std::move(other)).swap(*this);
    return *this;
  }
  ~Task() {
    if (frame_) {
      frame_.destroy();
    }
  }

  /// False after it was moved from, awaited or started.
  [[nodiscard]] bool valid() const noexcept { return frame_ != nullptr; }
  void swap(Task& other) noexcept { std::swap(frame_, other.frame_); }

 private:
  using Frame = std::coroutine_handle<promise_type>;
  friend promise_type;
  friend internal::PromiseBase;
  friend class internal::TaskRunner;
  explicit Task(Frame frame) noexcept : frame_(frame) {}

  // Hands the frame over. @throws LogicError when there is none.
  [[nodiscard]] Frame release() {
    if (!frame_) [[unlikely]] {
      internal::throw_empty_task();
    }
    return std::exchange(frame_, nullptr);
  }

  Frame frame_;
};

namespace internal {

template <class T>
class TaskAwaiter {
 public:
  using Frame = std::coroutine_handle<Promise<T>>;
  explicit TaskAwaiter(Frame frame) noexcept : frame_(frame) {}
  TaskAwaiter(const TaskAwaiter&) = delete;
  TaskAwaiter& operator=(const TaskAwaiter&) = delete;
  ~TaskAwaiter() { frame_.destroy(); }

  [[nodiscard]] static bool await_ready() noexcept { return false; }
  void await_suspend(std::coroutine_handle<> parent) noexcept {
    frame_.promise().set_continuation(parent);
    this_thread.next_frame = frame_;
  }
  [[nodiscard]] T await_resume()
    requires(!std::is_void_v<T>)
  {
    return frame_.promise().take_result();
  }
  void await_resume()
    requires std::is_void_v<T>
  {
    frame_.promise().take_result();
  }

 private:
  Frame frame_;
};

template <class T>
TaskAwaiter<T> PromiseBase::await_transform(Task<T>&& task) {
  return TaskAwaiter<T>(task.release());
}

template <class T>
Task<T> Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
template <class T>
Task<T&> Promise<T&>::get_return_object() noexcept {
  return Task<T&>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}

}  // namespace internal
}  // namespace takt::async
