#pragma once

#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "takt/async/asyncify.hpp"
#include "takt/async/inference_options.hpp"
#include "takt/async/internal/inference_queue.hpp"
#include "takt/async/internal/stoppable_call.hpp"
#include "takt/async/tasks/task.hpp"
#include "takt/async/tasks/wait.hpp"

namespace takt::async {

namespace internal {

[[noreturn]] void throw_not_run(NotRun reason, const InferenceThreadOptions& options);
[[nodiscard]] std::string describe_inference(const InferenceThreadOptions& options);

// A function with its arguments, to be called once.
template <class F, class... Args>
[[nodiscard]] auto bind_call(F&& fn, Args&&... args) {
  if constexpr (sizeof...(Args) == 0) {
    return std::decay_t<F>(std::forward<F>(fn));
  } else {
    return [function = std::decay_t<F>(std::forward<F>(fn)),
            arguments = std::tuple<std::decay_t<Args>...>(std::forward<Args>(args)...)]() mutable -> decltype(auto) {
      return std::apply([&](auto&... each) -> decltype(auto) { return std::invoke(function, std::move(each)...); },
                        arguments);
    };
  }
}

template <class F, class... Args>
concept Bindable = std::invocable<std::decay_t<F>&, std::decay_t<Args>...> ||
                   (sizeof...(Args) == 0 && TakesStopToken<std::decay_t<F>>);

enum class Refusal : std::uint8_t { kThrown, kReturned };

}  // namespace internal

/// A call on an InferenceThread, waited for. From InferenceThread::run and try_run.
template <class F, internal::Refusal refusal_is>
class InferenceCall final : public Awaitable<InferenceCall<F, refusal_is>>,
                            private internal::InferenceJob,
                            private internal::Timer {
  using Value = internal::OffloadResultOf<F>;

 public:
  using Result = typename std::conditional_t<
      refusal_is == internal::Refusal::kThrown, std::type_identity<Value>,
      std::type_identity<Expected<std::conditional_t<std::is_reference_v<Value>, int, Value>, NotRun>>>::type;

  InferenceCall(std::shared_ptr<internal::InferenceQueue> queue, InferenceCallOptions options, F function)
      : queue_(std::move(queue)), options_(options), call_(std::move(function)) {}
  InferenceCall(InferenceCall&& idle) noexcept(std::is_nothrow_move_constructible_v<F>)
      : Awaitable<InferenceCall>(static_cast<Awaitable<InferenceCall>&&>(idle)),
        queue_(std::move(idle.queue_)),
        options_(idle.options_),
        call_(std::move(idle.call_)) {}

  [[nodiscard]] bool try_complete() const {
    if (queue_ == nullptr) {
      throw LogicError(describe() + " was awaited");
    }
    return false;
  }
  void arm() {
    depart("InferenceThread::run");
    bool taken = false;
    try {
      if (options_.deadline_after) {
        Clock& clock = loop().clock;
        const core::Nanoseconds deadline_ns =
            internal::deadline_after(clock.now_ns(), options_.deadline_after->count());
        set_deadline(deadline_ns);
        clock.set_timer(*this, deadline_ns);
      }
      taken = queue_->submit(*this);
    } catch (...) {
      stand_down();
      throw;
    }
    if (!taken) {
      stand_down();
      this->complete();
    }
  }
  Result result() {
    if (refusal()) {
      if constexpr (refusal_is == internal::Refusal::kThrown) {
        internal::throw_not_run(*refusal(), queue_->options());
      } else {
        return Unexpected<NotRun>(*refusal());
      }
    }
    if constexpr (refusal_is == internal::Refusal::kReturned && std::is_void_v<Value>) {
      call_.take();
      return {};
    } else {
      return call_.take();
    }
  }
  [[nodiscard]] std::string describe() const override {
    return queue_ != nullptr ? internal::describe_inference(queue_->options()) : "a call that was moved from";
  }

 private:
  // It will not arrive.
  void stand_down() noexcept {
    recall();
    loop().clock.cancel_timer(*this);
  }
  bool withdraw() noexcept override {
    if (queue_->withdraw(*this, std::nullopt)) {
      stand_down();
      return true;
    }
    call_.request_stop();
    return false;
  }
  void fire() noexcept override {
    if (queue_->withdraw(*this, NotRun::kDeadlinePassed)) {
      recall();
      this->complete();
    }
  }
  void work() noexcept override { call_.run(); }
  void arrived() noexcept override {
    loop().clock.cancel_timer(*this);
    this->complete();
  }

  std::shared_ptr<internal::InferenceQueue> queue_;
  InferenceCallOptions options_;
  internal::StoppableCall<F> call_;
};

namespace internal {

/// Where an Asyncified calls its function: on an InferenceThread.
class OnInferenceThread {
 public:
  explicit OnInferenceThread(std::shared_ptr<InferenceQueue> queue) : queue_(std::move(queue)) {}
  template <class F>
  [[nodiscard]] InferenceCall<std::decay_t<F>, Refusal::kThrown> run(F&& call) const {
    return {queue_, {}, std::forward<F>(call)};
  }

 private:
  std::shared_ptr<InferenceQueue> queue_;
};

}  // namespace internal

/// One thread of its own for a model: what was made on it (a CUDA context, the weights, a warm cache) is used on it.
///
///   InferenceThread policy({.name = "policy", .initialize = [&] { model.load(path); }});
///   co_await policy.start();
///   Action action = co_await policy.run(&Model::infer, &model, image);
///   auto infer = policy.wrap([&](const Image& image) { return model.infer(image); });    // co_await infer(image)
///   co_await policy.stop();
///
/// One call at a time, in the order of their awaits. Calls that come meanwhile are queued, as many as `capacity`; then
/// `on_full` decides. Calls without state of their own need offload() only. Calls may come from the loops of several
/// threads. A call allocates nothing. Signals, priority and CPUs of the thread: as options say, else as offload()'s.
///
/// Cancellation of a call: a queued one is withdrawn: Cancelled, at once. The one that runs cannot be interrupted: the
/// await is left when it has returned, its result stands, and the next await throws. A function that takes a
/// std::stop_token (and nothing else) is asked to stop.
///
/// A resource.
class InferenceThread {
 public:
  /// Starts nothing yet. @throws LogicError for options out of range
  explicit InferenceThread(InferenceThreadOptions options = {});
  InferenceThread(const InferenceThread&) = delete;
  InferenceThread& operator=(const InferenceThread&) = delete;
  /// Stops as options.on_stop says and waits for the thread: blocks its caller, the loop too, for as long as the
  /// running call takes (with kDrain the queued ones as well). co_await stop() before it, to let the loop turn. Not
  /// from a call on the thread itself.
  ~InferenceThread();

  /// Starts the thread and runs the initializer on it. Cancellation: waits for the initializer; its result stands.
  /// @throws what the initializer throws: the thread is stopped then, for good; LogicError when it was started before;
  /// SystemError
  [[nodiscard]] Task<void> start();

  /// Runs fn(args…) on the thread; gives its result, throws what it throws. The arguments are decayed into the awaiting
  /// frame; std::ref for a reference.
  /// @throws CallNotRun, as QueueFull, Superseded, DeadlinePassed or Stopped; LogicError when the thread was not
  /// started
  ///   or is stopped.
  template <class F, class... Args>
    requires internal::Bindable<F, Args...>
  [[nodiscard]] auto run(F&& fn, Args&&... args) {
    return run(InferenceCallOptions{}, std::forward<F>(fn), std::forward<Args>(args)...);
  }
  template <class F, class... Args>
    requires internal::Bindable<F, Args...>
  [[nodiscard]] auto run(InferenceCallOptions options, F&& fn, Args&&... args) {
    return call<internal::Refusal::kThrown>(options,
                                            internal::bind_call(std::forward<F>(fn), std::forward<Args>(args)...));
  }

  /// The same, as an Expected: that a call was not run is a normal outcome, where the queue conflates. What fn throws,
  /// it throws.
  template <class F, class... Args>
    requires internal::Bindable<F, Args...>
  [[nodiscard]] auto try_run(F&& fn, Args&&... args) {
    return try_run(InferenceCallOptions{}, std::forward<F>(fn), std::forward<Args>(args)...);
  }
  template <class F, class... Args>
    requires internal::Bindable<F, Args...>
  [[nodiscard]] auto try_run(InferenceCallOptions options, F&& fn, Args&&... args) {
    auto bound = internal::bind_call(std::forward<F>(fn), std::forward<Args>(args)...);
    static_assert(!std::is_reference_v<internal::OffloadResultOf<decltype(bound)>>,
                  "an Expected holds no reference: return a pointer or a value, or use run()");
    return call<internal::Refusal::kReturned>(options, std::move(bound));
  }

  /// fn made awaitable on this thread: `co_await wrapped(args…)` is run(fn, args…), `wrapped.sync(args…)` is fn(args…).
  template <class F>
  [[nodiscard]] Asyncified<std::decay_t<F>, internal::OnInferenceThread> wrap(F&& fn) {
    return Asyncified<std::decay_t<F>, internal::OnInferenceThread>(std::forward<F>(fn),
                                                                    internal::OnInferenceThread(queue_));
  }

  /// Ends the thread; waits for it without blocking the loop. Does nothing until it is awaited; then it is stopped for
  /// good, whatever becomes of the await. May be awaited several times. Cancellation: Cancelled, at once; the thread
  /// ends by itself and the destructor waits for it.
  [[nodiscard]] Task<void> stop(StopMode mode);
  [[nodiscard]] Task<void> stop();

  /// Any thread.
  [[nodiscard]] InferenceStatistics statistics() const;

 private:
  template <internal::Refusal refusal_is, class F>
  [[nodiscard]] InferenceCall<F, refusal_is> call(InferenceCallOptions options, F function) {
    return {queue_, options, std::move(function)};
  }

  std::shared_ptr<internal::InferenceQueue> queue_;
};

}  // namespace takt::async
