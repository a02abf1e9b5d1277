#include "takt/async/internal/inference_queue.hpp"

#include <utility>

#include <fmt/core.h>
#include <sched.h>

#include "takt/async/internal/worker_thread.hpp"

// The thread has one job in hand, current_, or none; only when it has one are others queued. Whoever submits a job puts
// it into an empty hand, also while the thread is still on its way from the job before: so what a caller meets (room,
// a full queue) does not depend on how fast the thread goes to sleep.
//
// A job leaves the queue once: into the thread's hand, refused, or withdrawn. refusal_ says so to a withdrawal that
// comes between a refusal and its arrival.

namespace takt::async::internal {
namespace {

void check(const InferenceThreadOptions& options) {
  const auto refuse = [&](const std::string& what) {
    throw LogicError(fmt::format("InferenceThread '{}': {}", options.name, what));
  };
  if (options.capacity == 0 && options.on_full == OnFull::kLatestWins) {
    refuse("latest-wins needs a capacity of at least 1, is 0");
  }
  if (options.fifo_priority < 0 || options.fifo_priority > 99) {
    refuse(fmt::format("the SCHED_FIFO priority must be 1 … 99, or 0 for none, is {}", options.fifo_priority));
  }
  if (options.nice < -20 || options.nice > 19) {
    refuse(fmt::format("nice must be -20 … 19, is {}", options.nice));
  }
  if (options.cpu < -1 || options.cpu >= CPU_SETSIZE) {
    refuse(fmt::format("there is no CPU {}", options.cpu));
  }
}

}  // namespace

InferenceQueue::InferenceQueue(InferenceThreadOptions options) : options_(std::move(options)) {
  check(options_);
}

void InferenceQueue::launch(InferenceJob& initializer) {
  const std::scoped_lock lock(mutex_);
  if (state_ != State::kNew) {
    throw LogicError(fmt::format("InferenceThread '{}' was started a second time, or after its stop: make another one",
                                 options_.name));
  }
  thread_ = start_worker(options_.name, [self = shared_from_this()] { self->run(); });
  state_ = State::kRunning;
  current_ = &initializer;
  initializer.is_call_ = false;
}

void InferenceQueue::initialize() {
  if (options_.initialize) {
    try {
      options_.initialize();
    } catch (...) {
      request_stop(StopMode::kDiscard);  // before the next call can run
      throw;
    }
  }
}

bool InferenceQueue::submit(InferenceJob& job) {
  InferenceJob* superseded = nullptr;
  {
    std::unique_lock lock(mutex_);
    if (state_ != State::kRunning) {
      throw LogicError(fmt::format(
          "InferenceThread '{}' was called {}", options_.name,
          state_ == State::kNew ? "before its start: co_await start() first" : "after its stop, or a failed start"));
    }
    if (current_ == nullptr) {
      current_ = &job;
      const bool asleep = std::exchange(asleep_, false);
      lock.unlock();
      if (asleep) {
        parker_.wake();
      }
      return true;
    }
    if (statistics_.queued >= options_.capacity && options_.on_full == OnFull::kReject) {
      ++statistics_.rejected;
      job.refusal_ = NotRun::kQueueFull;
      return false;
    }
    if (statistics_.queued >= options_.capacity && options_.on_full == OnFull::kLatestWins) {
      superseded = &pop();
      refuse(*superseded, NotRun::kSuperseded);
    }
    queue_.push_back(job);
    ++statistics_.queued;
  }
  if (superseded != nullptr) {
    superseded->arrive();
  }
  return true;
}

InferenceJob& InferenceQueue::pop() noexcept {
  InferenceJob& job = queue_.front();
  job.unlink();
  --statistics_.queued;
  return job;
}

void InferenceQueue::refuse(InferenceJob& job, NotRun reason) noexcept {
  job.refusal_ = reason;
  switch (reason) {
    case NotRun::kQueueFull:
      ++statistics_.rejected;
      break;
    case NotRun::kSuperseded:
      ++statistics_.superseded;
      break;
    case NotRun::kDeadlinePassed:
      ++statistics_.expired;
      break;
    case NotRun::kStopped:
      ++statistics_.discarded;
      break;
  }
}

bool InferenceQueue::withdraw(InferenceJob& job, std::optional<NotRun> reason) noexcept {
  const std::scoped_lock lock(mutex_);
  if (job.refusal_ || !job.linked()) {  // in this order: who refused it may be unlinking it from a list of its own
    return false;
  }
  job.unlink();
  --statistics_.queued;
  if (reason) {
    refuse(job, *reason);
  } else {
    ++statistics_.cancelled;
  }
  return true;
}

void InferenceQueue::request_stop(StopMode mode) noexcept {
  Jobs discarded;
  bool asleep = false;
  {
    const std::scoped_lock lock(mutex_);
    state_ = State::kStopping;
    while (mode == StopMode::kDiscard && !queue_.empty()) {
      InferenceJob& job = pop();
      refuse(job, NotRun::kStopped);
      discarded.push_back(job);
    }
    asleep = std::exchange(asleep_, false);
  }
  if (asleep) {
    parker_.wake();
  }
  while (!discarded.empty()) {
    InferenceJob& job = discarded.front();
    job.unlink();
    job.arrive();
  }
}

void InferenceQueue::join() {
  const std::scoped_lock lock(join_mutex_);
  if (thread_.joinable()) {
    thread_.join();
  }
}

InferenceStatistics InferenceQueue::statistics() const {
  const std::scoped_lock lock(mutex_);
  InferenceStatistics statistics = statistics_;
  statistics.running = current_ != nullptr;
  return statistics;
}

void InferenceQueue::run() noexcept {
  apply_scheduling({.fifo_priority = options_.fifo_priority, .nice = options_.nice, .cpu = options_.cpu},
                   options_.name);
  while (InferenceJob* job = next_job()) {
    execute(*job);
  }
}

// Null: the thread is to end.
InferenceJob* InferenceQueue::next_job() noexcept {
  std::unique_lock lock(mutex_);
  while (current_ == nullptr && state_ != State::kStopping) {
    asleep_ = true;
    lock.unlock();
    parker_.sleep();
    lock.lock();
  }
  return current_;
}

void InferenceQueue::execute(InferenceJob& job) noexcept {
  const bool expired = job.overdue();
  if (!expired) {
    job.work();
  }
  {
    const std::scoped_lock lock(mutex_);
    if (expired) {
      refuse(job, NotRun::kDeadlinePassed);
    } else {
      statistics_.completed += job.is_call_ ? 1 : 0;
      statistics_.missed_deadlines += job.overdue() ? 1 : 0;
    }
    current_ = queue_.empty() ? nullptr : &pop();
  }
  job.arrive();
}

}  // namespace takt::async::internal
