#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "takt/async/internal/return_path.hpp"
#include "takt/async/internal/stoppable_call.hpp"
#include "takt/async/tasks/wait.hpp"
#include "takt/async/thread_pool.hpp"

namespace takt::async {

/// What becomes of an offloaded call that runs when its task is cancelled.
enum class OnCancel : std::uint8_t {
  kWait,     ///< the task waits for it; a function that takes a std::stop_token is asked to stop
  kAbandon,  ///< the task goes on at once; the call runs to its end for nobody, counted in offload_statistics()
};

struct OffloadOptions {
  OnCancel on_cancel{OnCancel::kWait};
};

/// A call that nobody waits for any more and that has not ended.
struct AbandonedCall {
  std::string started_at;  ///< "file.cpp:12", where it was offloaded
  Duration running_for{};  ///< real time since it began
};

/// The pool of offload() now.
struct OffloadStatistics {
  std::size_t limit{0};                          ///< threads, and so calls at once
  std::size_t threads{0};                        ///< threads there are, idle ones too
  std::size_t running{0};                        ///< calls that run now, abandoned ones too
  std::size_t queued{0};                         ///< calls that wait for a thread
  std::uint64_t completed{0};                    ///< calls that have run to their end, abandoned ones too
  std::uint64_t abandoned{0};                    ///< calls that were abandoned since the start of the process
  std::vector<AbandonedCall> abandoned_running;  ///< those of them that still run: each holds a thread
};
/// Any thread.
[[nodiscard]] OffloadStatistics offload_statistics();

/// How many calls may run at once, process-wide; default: twice the processors, at least 4. Any thread. More start at
/// once; when it is lowered, calls that run already go on. @throws LogicError for 0; SystemError when a thread that is
/// wanted at once cannot be made
void set_offload_limit(std::size_t threads);

namespace internal {

[[nodiscard]] std::string describe_offload(const std::source_location& where);
void report_abandoned_failure(const std::source_location& where, const std::exception_ptr& error) noexcept;

}  // namespace internal

/// A call on a thread of the pool, waited for. From offload().
template <class F>
class Offload final : public Awaitable<Offload<F>>, private PoolJob, private internal::ReturnPath {
 public:
  Offload(F function, std::source_location where) : PoolJob(where), call_(std::move(function)) {}
  Offload(Offload&& idle) noexcept(std::is_nothrow_move_constructible_v<F>)
      : Awaitable<Offload>(static_cast<Awaitable<Offload>&&>(idle)),
        PoolJob(idle.where()),
        call_(std::move(idle.call_)) {}

  [[nodiscard]] static bool try_complete() noexcept { return false; }
  void arm() {
    depart("offload");
    try {
      offload_pool().submit(*this);
    } catch (...) {
      recall();
      throw;
    }
  }
  internal::OffloadResultOf<F> result() { return call_.take(); }
  [[nodiscard]] std::string describe() const override { return internal::describe_offload(where()); }

 private:
  bool withdraw() noexcept override {
    if (offload_pool().withdraw(*this, false) == ThreadPool::Withdrawal::kWithdrawn) {
      recall();
      return true;
    }
    call_.request_stop();
    return false;
  }
  void work() noexcept override { call_.run(); }
  void finish() noexcept override { arrive(); }
  void arrived() noexcept override { this->complete(); }

  internal::StoppableCall<F> call_;
};

/// The same, for a call that may be left behind: it lives on the heap. From offload() with options.
template <class F>
class AbandonableOffload final : public Awaitable<AbandonableOffload<F>> {
 public:
  AbandonableOffload(OffloadOptions options, F function, std::source_location where)
      : job_(std::make_unique<Job>(std::move(function), where)), on_cancel_(options.on_cancel) {}
  AbandonableOffload(AbandonableOffload&& idle) noexcept = default;

  [[nodiscard]] bool try_complete() const {
    if (job_ == nullptr) {
      throw LogicError(describe() + " was awaited");
    }
    return false;
  }
  void arm() {
    job_->waiter = this;
    job_->depart("offload");
    try {
      offload_pool().submit(*job_);
    } catch (...) {
      job_->recall();
      throw;
    }
  }
  internal::OffloadResultOf<F> result() { return job_->call.take(); }
  [[nodiscard]] std::string describe() const override {
    return job_ != nullptr ? internal::describe_offload(job_->where())
                           : "an offload() that was moved from or abandoned";
  }

 private:
  struct Job final : PoolJob, internal::ReturnPath {
    Job(F function, std::source_location at) : PoolJob(at), call(std::move(function)) {}
    using PoolJob::where;

    void work() noexcept override { call.run(); }
    void finish() noexcept override { arrive(); }
    void discard() noexcept override {
      if (call.error() != nullptr) {
        internal::report_abandoned_failure(where(), call.error());
      }
      delete this;
    }
    void arrived() noexcept override { waiter->complete(); }

    internal::StoppableCall<F> call;
    AbandonableOffload* waiter{nullptr};
  };

  bool withdraw() noexcept override {
    using enum ThreadPool::Withdrawal;
    internal::LoopState& loop = job_->loop();
    job_->call.request_stop();
    switch (offload_pool().withdraw(*job_, on_cancel_ == OnCancel::kAbandon)) {
      case kWithdrawn:
        job_->recall();
        return true;
      case kAbandoned:
        static_cast<void>(job_.release());  // its own from now on, and perhaps gone already
        --loop.outside_work;
        return true;
      case kTooLate:
        break;
    }
    return false;
  }

  std::unique_ptr<Job> job_;
  OnCancel on_cancel_;
};

/// Runs `fn()` on another thread: what blocks or computes for longer than the loop may stand still (a model, a disk, a
/// library that waits). Gives its result, moved; throws what it throws.
///
///   Image image = co_await offload([&] { return read_png(path); });
///   co_await offload([](std::stop_token stop) { while (!stop.stop_requested()) { poll_device(); } });
///
/// The threads are the process's, named "offload", and bounded (set_offload_limit): calls beyond that wait, first come
/// first served. So a call must not wait for another offloaded call. For one dedicated thread (CUDA) use
/// InferenceThread. The threads run with ordinary priority on all CPUs of the process, whatever the loop's thread is
/// set to. Allocates nothing once a thread is there, but for the state of a stop_token.
///
/// Cancellation: in a cancelled scope nothing runs. A call that has not begun is withdrawn: Cancelled, at once. One
/// that runs cannot be interrupted: the await is left only when it has returned, and then its result (or what it threw)
/// stands; the next await throws. A function that takes a std::stop_token is asked to stop: the sooner it returns, the
/// sooner the scope ends. Its stop_callbacks run on the loop's thread.
///
/// @param fn  callable without arguments or with a std::stop_token; kept in the awaiting frame: references to what the
///   task owns are safe.
/// @throws SystemError when not even one thread can be made.
template <class F>
  requires internal::Offloadable<std::decay_t<F>>
[[nodiscard]] Offload<std::decay_t<F>> offload(F&& fn, std::source_location where = std::source_location::current()) {
  return {std::forward<F>(fn), where};
}

/// The same, and says what becomes of a call that runs when the task is cancelled. With OnCancel::kAbandon the await
/// throws Cancelled at once and the call goes on alone, until it returns: it holds a thread of the pool, it is shown in
/// offload_statistics(), and the process may exit while it runs. (A stop_token is asked to stop in either case.) What
/// it returns is destroyed on its thread; what it throws is logged.
///
///   co_await offload({.on_cancel = OnCancel::kAbandon}, [host] { return resolve(host); });
///
/// `fn` must own what it uses: capture by value, no `this`, no references; nothing of the task need exist any more when
/// it runs on. Only a part of that can be checked. Allocates its state.
template <class F>
  requires internal::Offloadable<std::decay_t<F>>
[[nodiscard]] AbandonableOffload<std::decay_t<F>> offload(
    OffloadOptions options, F&& fn, std::source_location where = std::source_location::current()) {
  using Result = internal::OffloadResultOf<std::decay_t<F>>;
  static_assert(!std::is_reference_v<Result> && !std::is_pointer_v<Result>,
                "a call that may be abandoned owns what it gives: return a value, not a reference or a pointer");
  static_assert(std::is_same_v<std::unwrap_reference_t<std::decay_t<F>>, std::decay_t<F>>,
                "a call that may be abandoned owns its function: not a std::ref");
  return {options, std::forward<F>(fn), where};
}

}  // namespace takt::async
