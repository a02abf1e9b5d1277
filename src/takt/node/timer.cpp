#include "takt/node/timer.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "takt/async/tasks/doorbell.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/core/error.hpp"
#include "takt/node/internal/node_core.hpp"
#include "takt/node/internal/timer_core.hpp"

namespace takt::node {
namespace internal {
namespace {

using async::internal::deadline_after;

core::Nanoseconds checked_period(async::Duration period) {
  if (period < async::Duration::zero()) {
    throw LogicError("a timer's period of " + std::to_string(period.count()) + " ns: want 0 or more");
  }
  return period.count();
}

}  // namespace

TimerCore::TimerCore(std::shared_ptr<NodeCore> node, async::Duration period, Callback callback,
                     const TimerOptions& options)
    : Entity(std::move(node), "timer", std::to_string(core::to_seconds(period.count())) + " s"),
      period_ns_(checked_period(period)),
      callback_(std::make_shared<Callback>(std::move(callback))),
      failures_(options.on_failure, title()),
      cancelled_(!options.autostart) {}

void TimerCore::cancel() {
  check_alive("Timer::cancel");
  cancelled_ = true;
  wake();
}

void TimerCore::reset() {
  check_alive("Timer::reset");
  cancelled_ = false;
  if (next_ns_) {
    begin_period();
  }
  wake();
}

void TimerCore::set_period(async::Duration period) {
  check_alive("Timer::set_period");
  const core::Nanoseconds old_ns = std::exchange(period_ns_, checked_period(period));
  if (next_ns_) {
    next_ns_ = deadline_after(*next_ns_ - old_ns, period_ns_);
  }
  wake();
}

void TimerCore::set_callback(Callback callback) {
  check_alive("Timer::set_callback");
  callback_ = std::make_shared<Callback>(std::move(callback));
}

std::optional<async::Duration> TimerCore::time_until_next_call() const {
  if (cancelled_ || !next_ns_ || destroyed()) {
    return std::nullopt;
  }
  const core::Nanoseconds left_ns = *next_ns_ - node().clock().source().now_ns();
  return async::Duration(std::max(left_ns, core::Nanoseconds{0}));
}

void TimerCore::begin_drain() noexcept {
  draining_ = true;
  wake();
}

void TimerCore::wake() noexcept {
  if (waiting_ != nullptr) {
    std::exchange(waiting_, nullptr)->finish(AlarmEnd::kWoken);
  }
}

async::Task<void> TimerCore::run() {
  async::Doorbell turns("turn");
  begin_period();
  while (!draining_) {
    follow_clock();
    if (!cancelled_ &&
        source_->now_ns() >= *next_ns_) {  // calls that take as long as the period leave others their turn
      turns.ring();
      co_await turns;  // unlike yield(), lets the loop look at its timers and at the other threads
      if (draining_) {
        break;
      }
      follow_clock();
    }
    const AlarmEnd end = co_await wait();
    const bool same_source = &node().clock().source() == source_;
    const bool wanted = !cancelled_ && !destroyed() && same_source;
    const bool due = end == AlarmEnd::kDue && wanted && source_->now_ns() >= *next_ns_;
    if (due) {  // else it was cancelled, destroyed, reset or set back after the clock had rung
      co_await tick();
    } else if (end == AlarmEnd::kJumpedBack) {
      after_jump_back();
    }
  }
}

void TimerCore::begin_period() {
  source_ = &node().clock().source();
  next_ns_ = deadline_after(source_->now_ns(), period_ns_);
}

// What the clock did since the last look, also while the callback ran and nothing waited on it.
void TimerCore::follow_clock() {
  const async::Clock& source = node().clock().source();
  if (&source != source_) {
    carry_over(*next_ns_ - source_->now_ns());
    source_ = &source;
  } else if (source.now_ns() < seen_ns_) {
    after_jump_back();
  }
  seen_ns_ = source.now_ns();
}

async::Task<AlarmEnd> TimerCore::wait() {
  Alarm alarm(node().clock(), cancelled_ ? std::nullopt : next_ns_);
  waiting_ = &alarm;
  AlarmEnd end = AlarmEnd::kWoken;
  try {
    end = co_await alarm;
  } catch (...) {
    waiting_ = nullptr;
    throw;
  }
  waiting_ = nullptr;
  co_return end;
}

async::Task<void> TimerCore::tick() {
  Clock& clock = node().clock();
  const core::Nanoseconds now_ns = clock.source().now_ns();
  const core::Nanoseconds expected_ns = *next_ns_;
  const core::Nanoseconds skipped = period_ns_ > 0 ? (now_ns - expected_ns) / period_ns_ : 0;
  next_ns_ = period_ns_ > 0 ? deadline_after(expected_ns + skipped * period_ns_, period_ns_) : now_ns;
  missed_ += static_cast<std::uint64_t>(skipped);
  const core::Nanoseconds shown_ns = clock.now_ns();
  const TimerInfo info{.expected_ns = shown_ns - (now_ns - expected_ns),
                       .actual_ns = shown_ns,
                       .missed = static_cast<std::uint64_t>(skipped)};
  const std::shared_ptr<Callback> callback = callback_;
  std::exception_ptr error;
  if (callback->is_plain()) {
    error = thrown_by([&] { callback->call(info); });
  } else {
    const auto start = [&] { return callback->start(info); };
    error = co_await thrown_by_task(start);
  }
  if (error == nullptr) {
    failures_.succeeded();
    co_return;
  }
  failures_.apply(error);
  if (failures_.pause_due()) {
    co_await failures_.pause();
  }
}

// The source of time has changed: what was left of the period goes on in the new one; where that has not begun, a whole
// period counts from its 0.
void TimerCore::carry_over(core::Nanoseconds left_ns) {
  const core::Nanoseconds now_ns = node().clock().source().now_ns();
  next_ns_ = deadline_after(now_ns, now_ns == 0 ? period_ns_ : std::clamp(left_ns, core::Nanoseconds{0}, period_ns_));
}

void TimerCore::after_jump_back() {
  const core::Nanoseconds now_ns = node().clock().source().now_ns();
  next_ns_ = std::min(*next_ns_, deadline_after(now_ns, period_ns_));
}

}  // namespace internal

void Timer::cancel() {
  core_->cancel();
}
void Timer::reset() {
  core_->reset();
}
bool Timer::cancelled() const {
  return core_->cancelled();
}
async::Duration Timer::period() const {
  return core_->period();
}
void Timer::set_period(async::Duration period) {
  core_->set_period(period);
}
void Timer::set_handler(Handler handler) {
  core_->set_callback(std::move(handler));
}
std::optional<async::Duration> Timer::time_until_next_call() const {
  return core_->time_until_next_call();
}
std::uint64_t Timer::missed() const noexcept {
  return core_->missed();
}
std::uint64_t Timer::failures() const noexcept {
  return core_->failures();
}
void Timer::destroy() noexcept {
  core_->destroy();
}
bool Timer::destroyed() const noexcept {
  return core_->destroyed();
}

}  // namespace takt::node
