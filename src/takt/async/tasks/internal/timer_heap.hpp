#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "takt/core/time.hpp"

/// Internal to async.
namespace takt::async::internal {

/// `now_ns` + `duration_ns`, but no later than time can be told.
[[nodiscard]] constexpr core::Nanoseconds deadline_after(core::Nanoseconds now_ns,
                                                         core::Nanoseconds duration_ns) noexcept {
  core::Nanoseconds deadline_ns = 0;
  return __builtin_add_overflow(now_ns, duration_ns, &deadline_ns)
             ? (duration_ns > 0 ? std::numeric_limits<core::Nanoseconds>::max() : now_ns)
             : deadline_ns;
}

/// Why a timer will never fire.
enum class TimerLoss : std::uint8_t {
  kSourceChanged,   ///< the times to come are of another source: the deadline means nothing any more
  kClockDestroyed,  ///< there will be no time any more
};

/// Something that happens at a time. Owned by who set it, who cancels it before destroying it.
class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  [[nodiscard]] bool set() const noexcept { return index_ != kNotSet; }

  /// Called once, when its time has come; it is not set any more.
  virtual void fire() noexcept = 0;
  /// Called once, instead of fire(); it is not set any more.
  virtual void lose(TimerLoss /*why*/) noexcept {}

 protected:
  ~Timer() = default;

 private:
  friend class TimerHeap;
  static constexpr std::size_t kNotSet = ~std::size_t{0};
  std::size_t index_{kNotSet};
};

/// A 4-ary heap of timers: set, cancel and pop in O(log n); allocates only when it grows beyond the most it ever held.
/// Timers of the same deadline fire in the order in which they were set.
class TimerHeap {
 public:
  TimerHeap() = default;
  TimerHeap(const TimerHeap&) = delete;
  TimerHeap& operator=(const TimerHeap&) = delete;

  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  /// @pre !empty()
  [[nodiscard]] core::Nanoseconds earliest_ns() const noexcept { return entries_.front().deadline_ns; }

  /// @pre the timer is not set
  void set(Timer& timer, core::Nanoseconds deadline_ns);
  /// Does nothing for a timer that is not set. @pre it was set in this heap
  void cancel(Timer& timer) noexcept;

  /// Fires every timer that was set before this call and is due. @return how many.
  std::size_t fire_due(core::Nanoseconds now_ns) noexcept;
  /// Tells every timer, in the order of their deadlines, that it is lost. The heap is empty then.
  void lose_all(TimerLoss why) noexcept;

 private:
  struct Entry {
    core::Nanoseconds deadline_ns;
    std::uint64_t order;
    Timer* timer;
    [[nodiscard]] bool before(const Entry& other) const noexcept {
      return deadline_ns != other.deadline_ns ? deadline_ns < other.deadline_ns : order < other.order;
    }
  };

  void place(std::size_t index, const Entry& entry) noexcept;
  void sift_up(std::size_t index, Entry entry) noexcept;
  void sift_down(std::size_t index, Entry entry) noexcept;
  void remove(std::size_t index) noexcept;
  Timer& take_first() noexcept;

  std::vector<Entry> entries_;
  std::uint64_t next_order_{0};
};

}  // namespace takt::async::internal
