#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "takt/async/tasks/internal/intrusive_list.hpp"
#include "takt/async/tasks/internal/task_name.hpp"
#include "takt/async/tasks/internal/thread_bound.hpp"
#include "takt/async/tasks/wait_queue.hpp"

namespace takt::async {

namespace internal {
struct InSemaphore;
}

/// A number of permits: at most so many tasks at once do something.
///
///   Semaphore uploads(4, "uploads");
///   auto permit = co_await uploads.acquire();   // given back at the end of the block
///
/// Not for one task at a time (Mutex: it knows its holder), not for a flag (Event), not for data (Channel), not across
/// threads (std::counting_semaphore; offload has a bound of its own).
///
/// Fair: permits go to who waits longest, and nobody takes one past those who wait. No call allocates.
///
/// A resource. Loop thread only, else LogicError. When it is destroyed, who still waits gets a LogicError, and the
/// permits that are out hold nothing any more.
class Semaphore {
 public:
  explicit Semaphore(std::size_t permits, std::string_view name = {}) noexcept : name_(name), available_(permits) {}
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;
  ~Semaphore();

  class Permit;
  class Acquire;
  /// Waits for a permit and gives it. Cancellation: Cancelled, and no permit was taken. A permit that was granted
  /// before the cancellation is given; it comes back when the task drops it.
  [[nodiscard]] Acquire acquire() noexcept;
  /// A permit when one is free. @throws LogicError on another thread
  [[nodiscard]] std::optional<Permit> try_acquire();
  /// Makes that many more permits, for good. @throws LogicError on another thread
  void add_permits(std::size_t count);

  /// Permits that are free: none while somebody waits. @throws LogicError on another thread
  [[nodiscard]] std::size_t available() const;

 private:
  void give_back();

  mutable internal::ThreadBound thread_;
  TaskName name_;
  std::size_t available_;
  internal::List<Permit, internal::InSemaphore> permits_;  // that are out
  WaitQueue<Acquire> waiters_;
};

/// One permit, given back when it is destroyed. Movable, also to another task of the loop; a permit that was moved from
/// holds nothing. Dropped on another thread it ends the program: the LogicError cannot leave a destructor.
class [[nodiscard]] Semaphore::Permit : private internal::ListLink<internal::InSemaphore> {
 public:
  Permit() noexcept = default;
  Permit(Permit&& other) noexcept { take(other); }
  Permit& operator=(Permit&& other) noexcept;
  ~Permit() { release(); }

  /// False when it was given back, moved from, or its semaphore is gone.
  [[nodiscard]] bool held() const noexcept { return semaphore_ != nullptr; }
  /// Gives it back now; once is enough. @throws LogicError on another thread
  void release();

 private:
  friend class Semaphore;
  template <class T, class Tag>
  friend class internal::List;

  explicit Permit(Semaphore& semaphore) noexcept : semaphore_(&semaphore) { semaphore.permits_.push_back(*this); }
  void take(Permit& other) noexcept;

  Semaphore* semaphore_{nullptr};
};

class Semaphore::Acquire final : public QueuedAwaitable<Semaphore::Acquire> {
 public:
  explicit Acquire(Semaphore& semaphore) noexcept : semaphore_(&semaphore) {}
  [[nodiscard]] bool try_complete();
  void arm() noexcept { semaphore_->waiters_.push(*this); }
  [[nodiscard]] Permit result() noexcept { return std::move(permit_); }
  [[nodiscard]] std::string describe() const override;

 private:
  friend class Semaphore;
  Semaphore* semaphore_;
  Permit permit_;  // lives here until the task runs
};

inline Semaphore::Acquire Semaphore::acquire() noexcept {
  return Acquire(*this);
}

}  // namespace takt::async
