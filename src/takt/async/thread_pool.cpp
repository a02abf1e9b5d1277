#include "takt/async/thread_pool.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "takt/async/internal/worker_thread.hpp"
#include "takt/async/offload.hpp"
#include "takt/async/tasks/internal/running_task.hpp"
#include "takt/async/tasks/internal/timer_heap.hpp"
#include "takt/core/error.hpp"
#include "takt/core/parker.hpp"

// A thread of the pool is always one of:
//
//   coming   it is about to look into the queue: new, or just done with a job
//   running  it does a job
//   idle     it sleeps, in idle_, until somebody hands it a job or sends it home (hands it none)
//
// Nobody idles while a job is queued. So a job is handed to the thread that went to sleep last; without one it is
// queued, and a thread is made only when more jobs are queued than threads are coming.

namespace takt::async {
namespace {

constexpr std::size_t kSmallestDefaultLimit = 4;
constexpr Duration kIdleTime = std::chrono::seconds(5);

std::size_t default_limit() noexcept {
  return std::max(kSmallestDefaultLimit, std::size_t{2} * std::thread::hardware_concurrency());
}

}  // namespace

struct ThreadPool::Worker {
  core::Parker parker;
  PoolJob* job{nullptr};  // handed to it before it is woken
};

ThreadPool::ThreadPool(Options options)
    : thread_name_(std::move(options.thread_name)), idle_time_(options.idle_time), limit_(options.limit) {
  idle_.reserve(limit_);
}

ThreadPool& offload_pool() {
  static auto* const pool =
      new ThreadPool({.thread_name = "offload", .limit = default_limit(), .idle_time = kIdleTime});
  return *pool;
}

void ThreadPool::begin(PoolJob& job) noexcept {
  job.state_ = PoolJob::State::kRunning;
  job.begun_ns_ = core::monotonic_now_ns();
  ++running_;
}

void ThreadPool::submit(PoolJob& job) {
  Lock lock(mutex_);
  if (!idle_.empty()) {
    Worker& worker = *idle_.back();
    idle_.pop_back();
    begin(job);
    worker.job = &job;
    lock.unlock();
    worker.parker.wake();
    return;
  }
  job.state_ = PoolJob::State::kQueued;
  queue_.push_back(job);
  ++queued_;
  try {
    grow(lock);
  } catch (...) {
    lock.lock();
    if (threads_ > 0 || job.state_ != PoolJob::State::kQueued) {
      return;  // one of the others does it
    }
    job.unlink();
    --queued_;
    throw;
  }
}

// Makes as many threads as are missing; unlocked meanwhile, and at the end.
void ThreadPool::grow(Lock& lock) {
  while (queued_ > coming_ && threads_ < limit_) {
    ++threads_;
    ++coming_;
    lock.unlock();
    try {
      internal::start_worker(thread_name_, [this] { run_worker(); }).detach();
    } catch (...) {
      lock.lock();
      --threads_;
      --coming_;
      lock.unlock();
      throw;
    }
    lock.lock();
  }
  lock.unlock();
}

void ThreadPool::run_worker() noexcept {
  Worker worker;
  while (PoolJob* job = next_job(worker)) {
    run(*job);
  }
}

// Null: the thread is to end.
PoolJob* ThreadPool::next_job(Worker& worker) noexcept {
  Lock lock(mutex_);
  --coming_;
  if (threads_ > limit_) {
    --threads_;
    return nullptr;
  }
  if (!queue_.empty()) {
    PoolJob& job = queue_.front();
    job.unlink();
    --queued_;
    begin(job);
    return &job;
  }
  idle_.push_back(&worker);
  lock.unlock();
  if (!worker.parker.sleep_until_ns(internal::deadline_after(core::monotonic_now_ns(), idle_time_.count()))) {
    lock.lock();
    if (std::erase(idle_, &worker) > 0) {
      --threads_;
      return nullptr;
    }
    lock.unlock();
    worker.parker.sleep();  // somebody took it out of idle_ and is about to wake it
  }
  return std::exchange(worker.job, nullptr);
}

void ThreadPool::run(PoolJob& job) noexcept {
  job.work();
  Lock lock(mutex_);
  const bool abandoned = job.state_ == PoolJob::State::kAbandoned;
  job.unlink();  // from abandoned_
  job.state_ = PoolJob::State::kDone;
  --running_;
  ++completed_;
  ++coming_;  // before the task can know: what it offloads next does not make another thread
  lock.unlock();
  abandoned ? job.discard() : job.finish();
}

ThreadPool::Withdrawal ThreadPool::withdraw(PoolJob& job, bool may_abandon) noexcept {
  const Lock lock(mutex_);
  if (job.state_ == PoolJob::State::kQueued) {
    job.unlink();
    --queued_;
    return Withdrawal::kWithdrawn;
  }
  if (job.state_ == PoolJob::State::kRunning && may_abandon) {
    job.state_ = PoolJob::State::kAbandoned;
    abandoned_.push_back(job);
    ++abandoned_total_;
    return Withdrawal::kAbandoned;
  }
  return Withdrawal::kTooLate;
}

void ThreadPool::set_limit(std::size_t limit) {
  if (limit == 0) {
    throw LogicError("the limit of offload must be at least 1 thread, is 0");
  }
  Lock lock(mutex_);
  idle_.reserve(limit);
  limit_ = limit;
  while (threads_ > limit_ && !idle_.empty()) {  // sent home; those that run end when their job does
    Worker& worker = *idle_.back();
    idle_.pop_back();
    --threads_;
    worker.parker.wake();
  }
  grow(lock);
}

OffloadStatistics ThreadPool::statistics() const {
  const Lock lock(mutex_);
  OffloadStatistics statistics{.limit = limit_,
                               .threads = threads_,
                               .running = running_,
                               .queued = queued_,
                               .completed = completed_,
                               .abandoned = abandoned_total_,
                               .abandoned_running = {}};
  const core::Nanoseconds now_ns = core::monotonic_now_ns();
  abandoned_.for_each([&](const PoolJob& job) {
    statistics.abandoned_running.push_back(
        {.started_at = internal::brief(job.where_), .running_for = Duration(now_ns - job.begun_ns_)});
  });
  return statistics;
}

}  // namespace takt::async
