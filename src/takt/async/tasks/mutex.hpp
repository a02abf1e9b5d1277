#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "takt/async/tasks/internal/running_task.hpp"
#include "takt/async/tasks/internal/task_name.hpp"
#include "takt/async/tasks/internal/thread_bound.hpp"
#include "takt/async/tasks/wait_queue.hpp"

namespace takt::async {

/// One task at a time, also over its awaits.
///
///   Mutex bus("servo bus");
///   auto lock = co_await bus.lock();            // until the end of the block
///   co_await write(request);
///   co_return co_await read();
///
/// Not for what has no await in between: tasks of a loop switch nowhere else. Not to wait for something to happen
/// (Event), not for several at once (Semaphore), not across threads (std::mutex, never held over an await). Keep
/// locked sections short: a device that is asked by many is better owned by one task that reads a Channel.
///
/// Fair: it goes to who waits longest, and nobody takes it past those who wait. No call allocates. A task that locks
/// what it holds already gets a LogicError; on a loop with virtual time a ring of several is a Deadlock that names the
/// holders.
///
/// A resource. Loop thread only, else LogicError. When it is destroyed, who still waits gets a LogicError, and a lock
/// that is out holds nothing any more.
class Mutex {
 public:
  explicit Mutex(std::string_view name = {}) noexcept : name_(name) {}
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  ~Mutex();

  class Lock;
  class Locking;
  /// Waits until the mutex is free and takes it. Cancellation: Cancelled, and it was not taken. A mutex that was handed
  /// over before the cancellation is locked; it is free when the task drops the lock.
  /// @throws LogicError, when it is awaited by the task that holds the mutex.
  [[nodiscard]] Locking lock() noexcept;
  /// The lock when the mutex is free. @throws LogicError on another thread
  [[nodiscard]] std::optional<Lock> try_lock();

  /// @throws LogicError on another thread
  [[nodiscard]] bool locked() const;

 private:
  void hand_on() noexcept;

  mutable internal::ThreadBound thread_;
  TaskName name_;
  Lock* lock_{nullptr};      // that is out
  std::uint64_t holder_{0};  // the serial number of the task that locked it, which may have ended; 0: none
  TaskName holder_name_;
  WaitQueue<Locking> waiters_;
};

/// A locked mutex, unlocked when it is destroyed. Movable within the task that locked; to give it to another task, use
/// a Semaphore of one permit. Dropped on another thread it ends the program: the LogicError cannot leave a destructor.
class [[nodiscard]] Mutex::Lock {
 public:
  Lock() noexcept = default;
  Lock(Lock&& other) noexcept { take(other); }
  Lock& operator=(Lock&& other) noexcept;
  ~Lock() { unlock(); }

  /// False when it was unlocked, moved from, or its mutex is gone.
  [[nodiscard]] bool held() const noexcept { return mutex_ != nullptr; }
  /// Unlocks now; once is enough. @throws LogicError on another thread
  void unlock();

 private:
  friend class Mutex;
  Lock(Mutex& mutex, const internal::RunningTask* holder) noexcept;
  void take(Lock& other) noexcept;

  Mutex* mutex_{nullptr};
};

class Mutex::Locking final : public QueuedAwaitable<Mutex::Locking> {
 public:
  explicit Locking(Mutex& mutex) noexcept : mutex_(&mutex) {}
  [[nodiscard]] bool try_complete();
  void arm() noexcept { mutex_->waiters_.push(*this); }
  [[nodiscard]] Lock result() noexcept { return std::move(lock_); }
  [[nodiscard]] std::string describe() const override;

 private:
  friend class Mutex;
  Mutex* mutex_;
  Lock lock_;  // lives here until the task runs
};

inline Mutex::Locking Mutex::lock() noexcept {
  return Locking(*this);
}

}  // namespace takt::async
