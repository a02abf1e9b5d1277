#include "takt/async/tasks/internal/timer_heap.hpp"

#include <algorithm>

namespace takt::async::internal {
namespace {

constexpr std::size_t kChildren = 4;

}  // namespace

void TimerHeap::set(Timer& timer, core::Nanoseconds deadline_ns) {
  const Entry entry{deadline_ns, next_order_, &timer};
  entries_.push_back(entry);
  ++next_order_;
  sift_up(entries_.size() - 1, entry);
}

void TimerHeap::cancel(Timer& timer) noexcept {
  if (timer.set()) {
    remove(timer.index_);
    timer.index_ = Timer::kNotSet;
  }
}

std::size_t TimerHeap::fire_due(core::Nanoseconds now_ns) noexcept {
  std::size_t fired = 0;
  const std::uint64_t order_end = next_order_;  // a timer that fires may set another that is due: that one waits a turn
  while (!entries_.empty() && entries_.front().deadline_ns <= now_ns && entries_.front().order < order_end) {
    take_first().fire();
    ++fired;
  }
  return fired;
}

void TimerHeap::lose_all(TimerLoss why) noexcept {
  while (!entries_.empty()) {
    take_first().lose(why);
  }
}

Timer& TimerHeap::take_first() noexcept {
  Timer& timer = *entries_.front().timer;
  remove(0);
  timer.index_ = Timer::kNotSet;
  return timer;
}

void TimerHeap::place(std::size_t index, const Entry& entry) noexcept {
  entries_[index] = entry;
  entry.timer->index_ = index;
}

void TimerHeap::sift_up(std::size_t index, Entry entry) noexcept {
  while (index > 0) {
    const std::size_t parent = (index - 1) / kChildren;
    if (!entry.before(entries_[parent])) {
      break;
    }
    place(index, entries_[parent]);
    index = parent;
  }
  place(index, entry);
}

void TimerHeap::sift_down(std::size_t index, Entry entry) noexcept {
  while (true) {
    const std::size_t first = index * kChildren + 1;
    const std::size_t last = std::min(first + kChildren, entries_.size());
    std::size_t least = first;
    for (std::size_t child = first + 1; child < last; ++child) {
      if (entries_[child].before(entries_[least])) {
        least = child;
      }
    }
    if (first >= entries_.size() || !entries_[least].before(entry)) {
      break;
    }
    place(index, entries_[least]);
    index = least;
  }
  place(index, entry);
}

void TimerHeap::remove(std::size_t index) noexcept {
  const Entry last = entries_.back();
  entries_.pop_back();
  if (index == entries_.size()) {
    return;
  }
  if (index > 0 && last.before(entries_[(index - 1) / kChildren])) {
    sift_up(index, last);
  } else {
    sift_down(index, last);
  }
}

}  // namespace takt::async::internal
