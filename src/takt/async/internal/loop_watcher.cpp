#include "takt/async/internal/loop_watcher.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/core.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "takt/async/internal/worker_thread.hpp"
#include "takt/async/tasks/internal/this_thread.hpp"
#include "takt/async/tasks/internal/timer_heap.hpp"
#include "takt/core/error.hpp"

// The watch looks at the loop's turn number each quarter of the threshold, T:
//
//   another number than at the last look     a turn has begun between the two looks: its begin is known to T/4
//   the same, odd, a second time             note what the thread's CPU time is by now
//   … and first seen 3/4 T ago               suspected: have the loop stamp its end; take the stack. Begun between T/4
//                                            and 0 before it was first seen, the turn is 3/4 T to T old: a turn that
//                                            lasts longer than T has its stack taken inside
//   … and first seen 10 T ago                take it again
//   another number, after one suspected      it has ended, at the stamped time: judge and report
//   the same, even, for 40 looks             the loop sleeps: park, until it begins a turn
//
// The loop pays for none of this but when it is asked to (TurnCounter::ask): two system calls at the end of a suspected
// turn, one at the end of a long sleep.
//
// Parking: a turn that begins just when the loop is asked may not have heard it. So the watch asks, looks once more a
// tick later, and only then sleeps: by then the question has arrived.

namespace takt::async::internal {
namespace {

constexpr Duration kLeastThreshold = std::chrono::microseconds(200);
constexpr int kLooksPerThreshold = 4;
constexpr int kLooksBeforeParking = 40;
constexpr Duration kParkedLook = std::chrono::seconds(1);
constexpr core::Nanoseconds kLeastPatience_ns = 10'000'000;
constexpr int kLaterSample = 10;  // thresholds

std::uint32_t own_thread_id() noexcept {
  return static_cast<std::uint32_t>(::syscall(SYS_gettid));
}

LoopState& checked(LoopState& loop, const LoopWatchOptions& options) {
  if (loop.turns.observer() != nullptr) {
    throw LogicError(fmt::format("task '{}' made a LoopWatch, but its loop is watched already", current_task_name()));
  }
  if (options.threshold < kLeastThreshold) {
    throw LogicError(fmt::format("a LoopWatch has a threshold of {} ns: at least {} ns", options.threshold.count(),
                                 kLeastThreshold.count()));
  }
  return loop;
}

}  // namespace

LoopWatcher::LoopWatcher(LoopState& loop, LoopWatchOptions options)
    : loop_(checked(loop, options)),
      options_(std::move(options)),
      tick_ns_(options_.threshold.count() / kLooksPerThreshold),
      thread_id_(own_thread_id()),
      sampler_(thread_id_, &on_sample, this),
      last_look_ns_(core::monotonic_now_ns()),
      thread_(start_worker("watch", [this] { run(); })) {
  ready_.wait(false, std::memory_order_acquire);
  loop_.turns.set_observer(this);
}

LoopWatcher::~LoopWatcher() {
  stop();
}

/// Looks at the loop no more: it may be gone from now on.
void LoopWatcher::stop() noexcept {
  if (!thread_.joinable()) {
    return;
  }
  loop_.turns.answer();  // as far as the watch goes, this turn ends here
  stop_.store(true, std::memory_order_release);
  parker_.wake();
  thread_.join();
  loop_.turns.set_observer(nullptr);
}

LoopWatchStatistics LoopWatcher::statistics() const {
  const std::scoped_lock lock(mutex_);
  return statistics_;
}

void LoopWatcher::turn_ended() noexcept {
  const ThreadAccount account = own_account();
  stamp_.at_ns.store(account.at_ns, std::memory_order_relaxed);
  stamp_.cpu_ns.store(account.cpu_ns, std::memory_order_relaxed);
  stamp_.voluntary_switches.store(account.voluntary_switches, std::memory_order_relaxed);
  stamp_.turn.store(loop_.turns.number(), std::memory_order_release);
  if (parked_.exchange(false, std::memory_order_relaxed)) {
    parker_.wake();
  }
}

// Inside the signal handler, on the loop's thread. Only a sample of the suspected turn counts, in which a task runs: at
// its edges the loop has none.
void LoopWatcher::on_sample(void* watcher) noexcept {
  auto& self = *static_cast<LoopWatcher*>(watcher);
  const RunningTask* task = this_thread.task;
  self.sample_valid_ =
      task != nullptr && self.loop_.turns.number() == self.turn_.number && !self.stop_.load(std::memory_order_relaxed);
  if (self.sample_valid_) {
    self.sampling_->task.take(*task);
  }
}

void LoopWatcher::run() {
  warm_up();
  last_look_ns_ = core::monotonic_now_ns();
  ready_.store(true, std::memory_order_release);
  ready_.notify_one();
  for (wait(); !stop_.load(std::memory_order_acquire); wait()) {
    look();
  }
  if (turn_.suspected) {
    judge(core::monotonic_now_ns());
  }
}

/// The first address of each module costs much more than the others.
void LoopWatcher::warm_up() {
  const std::array<std::uintptr_t, 2> addresses{reinterpret_cast<std::uintptr_t>(&own_account),
                                                reinterpret_cast<std::uintptr_t>(&::getpid)};
  static_cast<void>(symbolizer_.stack(addresses));
}

void LoopWatcher::wait() {
  const bool park = idle_looks_ > kLooksBeforeParking;
  const core::Nanoseconds wait_ns = park ? kParkedLook.count() : tick_ns_;
  if (parker_.sleep_until_ns(deadline_after(core::monotonic_now_ns(), wait_ns))) {
    idle_looks_ = 0;  // the loop says that a turn begins
  }
}

void LoopWatcher::look() {
  const core::Nanoseconds look_ns = core::monotonic_now_ns();
  const std::uint64_t number = loop_.turns.number();
  if (number != turn_.number) {
    const core::Nanoseconds seen_ns = core::monotonic_now_ns();  // before a report is written, which takes its time
    if (turn_.suspected) {
      judge(look_ns);
    }
    see(number, look_ns, seen_ns);
  } else if (TurnCounter::is_task(number)) {
    suspect(look_ns);
  } else if (++idle_looks_ == kLooksBeforeParking) {
    parked_.store(true, std::memory_order_relaxed);
    loop_.turns.ask();
  }
  last_look_ns_ = look_ns;
}

void LoopWatcher::see(std::uint64_t number, core::Nanoseconds look_ns, core::Nanoseconds seen_ns) {
  const bool stamped = stamp_.turn.load(std::memory_order_acquire) == turn_.number;  // the end of the one before
  const core::Nanoseconds stamp_ns = stamped ? stamp_.at_ns.load(std::memory_order_relaxed) : 0;
  turn_ = {.number = number,
           .earliest_ns = std::max(last_look_ns_, std::min(stamp_ns, look_ns)),
           .seen_ns = seen_ns,
           .still_due_ns = options_.still_blocked_after.count()};
  first_.taken = later_.taken = false;
  idle_looks_ = 0;
}

void LoopWatcher::suspect(core::Nanoseconds look_ns) {
  if (!turn_.before) {
    turn_.before = account_of(thread_id_);
  }
  const core::Nanoseconds age_ns = look_ns - turn_.seen_ns;
  if (age_ns < (kLooksPerThreshold - 1) * tick_ns_) {
    return;
  }
  if (!turn_.suspected) {
    turn_.suspected = true;
    loop_.turns.ask();
  }
  if (!first_.taken) {
    take(first_);
  } else if (!later_.taken && age_ns >= kLaterSample * options_.threshold.count()) {
    take(later_);
  }
  if (age_ns >= turn_.still_due_ns) {
    report_still_blocked(look_ns);
  }
}

/// Without an answer (a dead disk, no CPU), or with one from between two turns, the next look tries again.
void LoopWatcher::take(Sample& sample) {
  sampling_ = &sample;
  sample_valid_ = false;
  const auto stack = sampler_.sample(Duration(std::max(options_.threshold.count(), kLeastPatience_ns)));
  if (!stack || !sample_valid_) {
    return;
  }
  std::ranges::copy(*stack, sample.addresses.begin());
  sample.count = stack->size();
  sample.taken = true;
}

void LoopWatcher::report_still_blocked(core::Nanoseconds look_ns) {
  const core::Nanoseconds duration_ns = look_ns - begin_ns();
  const core::Nanoseconds without_cpu_ns = waited_ns(account_of(thread_id_));
  if (!first_.taken || duration_ns - without_cpu_ns < options_.threshold.count()) {
    turn_.still_due_ns += options_.still_blocked_after.count();
    return;
  }
  turn_.still_due_ns = std::numeric_limits<core::Nanoseconds>::max();
  report(duration_ns, without_cpu_ns, false);
}

/// Its most likely begin. No more than half a tick before it was seen: when the host kept the watch from looking, the
/// task is not blamed for that time.
core::Nanoseconds LoopWatcher::begin_ns() const noexcept {
  return turn_.seen_ns - std::min(turn_.seen_ns - turn_.earliest_ns, tick_ns_) / 2;
}

/// At the end of the turn that was in view: as the loop stamped it or, when it was just too late to be asked, as seen.
ThreadAccount LoopWatcher::account_at_end(core::Nanoseconds look_ns) const noexcept {
  ThreadAccount account = account_of(thread_id_);
  if (stamp_.turn.load(std::memory_order_acquire) == turn_.number) {
    account.at_ns = stamp_.at_ns.load(std::memory_order_relaxed);
    account.cpu_ns = stamp_.cpu_ns.load(std::memory_order_relaxed);
    account.voluntary_switches = stamp_.voluntary_switches.load(std::memory_order_relaxed);
  } else {
    account.at_ns = look_ns;
  }
  return account;
}

core::Nanoseconds LoopWatcher::waited_ns(const ThreadAccount& now) const noexcept {
  return turn_.before ? kept_waiting_ns(*turn_.before, now) : 0;
}

void LoopWatcher::judge(core::Nanoseconds look_ns) {
  const ThreadAccount end = account_at_end(look_ns);
  const core::Nanoseconds duration_ns = end.at_ns - begin_ns();
  const core::Nanoseconds threshold_ns = options_.threshold.count();
  if (duration_ns < threshold_ns) {
    return;
  }
  const core::Nanoseconds without_cpu_ns = waited_ns(end);
  const bool others = duration_ns - without_cpu_ns < threshold_ns;
  if (others || !first_.taken) {
    const std::scoped_lock lock(mutex_);
    ++(others ? statistics_.not_scheduled : statistics_.unnamed);
    return;
  }
  {
    const std::scoped_lock lock(mutex_);
    ++statistics_.blocked;
    statistics_.longest_ns = std::max(statistics_.longest_ns, duration_ns);
  }
  report(duration_ns, without_cpu_ns, true);
}

void LoopWatcher::report(core::Nanoseconds duration_ns, core::Nanoseconds without_cpu_ns, bool ended) {
  const BlockReport report{.task = first_.task.path(),
                           .started_at = first_.task.started_at(),
                           .duration_ns = duration_ns,
                           .uncertainty_ns = begin_ns() - turn_.earliest_ns,
                           .without_cpu_ns = without_cpu_ns,
                           .ended = ended,
                           .stack = stack_of(first_),
                           .later_stack = later_.taken ? stack_of(later_) : std::vector<StackFrame>()};
  if (options_.on_report) {
    options_.on_report(report);
  } else {
    log_.report(report);
  }
}

/// Without the loop and what called it: it is the same in every stack.
std::vector<StackFrame> LoopWatcher::stack_of(const Sample& sample) {
  std::vector<StackFrame> stack = symbolizer_.stack(std::span(sample.addresses).first(sample.count));
  const auto loop = std::ranges::find_if(
      stack, [](const StackFrame& frame) { return frame.function.starts_with("takt::async::internal::TaskRunner::"); });
  if (loop != stack.end() && loop != stack.begin()) {
    stack.erase(loop, stack.end());
  }
  while (stack.size() > 1 && stack.back().function.find("coroutine_handle<") != std::string::npos) {
    stack.pop_back();
  }
  return stack;
}

}  // namespace takt::async::internal
