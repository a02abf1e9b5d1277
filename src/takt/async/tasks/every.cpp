#include "takt/async/tasks/every.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/core.h>

#include "takt/async/tasks/internal/loop_state.hpp"

namespace takt::async {
namespace {

constexpr core::Nanoseconds kLongest_ns = std::numeric_limits<core::Nanoseconds>::max() / 4;

}  // namespace

Every::Every(Clock* clock, Duration period) : clock_(clock), period_ns_(std::min(period.count(), kLongest_ns)) {
  if (period_ns_ <= 0) {
    throw LogicError(fmt::format("every: the period must be positive, is {} ns", period_ns_));
  }
}

Every::~Every() {
  if (waiting_ != nullptr) {
    waiting_->clock_->cancel_timer(*waiting_);
    waiting_->fail();
  }
}

core::Beat Every::beat_at(const Clock& clock, core::Nanoseconds now_ns) {
  const bool other_clock = std::exchange(beat_clock_, clock.serial()) != clock.serial();
  if (beat_ && (other_clock || core::Beat(*beat_).next_ns(now_ns) - now_ns > period_ns_)) {
    beat_.reset();  // the clock was set back, or it is another loop's
  }
  return beat_ ? *beat_ : beat_.emplace(now_ns, period_ns_);
}

bool Every::Waiter::try_complete() {
  if (rhythm_->waiting_ != nullptr) {
    throw LogicError(fmt::format("{} was awaited by two tasks at a time: make one for each", describe()));
  }
  if (rhythm_->clock_gone_) {
    throw LogicError(fmt::format("{} was awaited, but its clock was destroyed", describe()));
  }
  clock_ = rhythm_->clock_ != nullptr ? rhythm_->clock_ : &internal::this_thread.loop->state().clock;
  const core::Nanoseconds now_ns = clock_->now_ns();
  const core::Beat before = rhythm_->beat_at(*clock_, now_ns);
  after_tick_ = before;
  tick_.deadline_ns = after_tick_->next_ns(now_ns);
  tick_.missed = after_tick_->missed() - before.missed();
  return false;
}

void Every::Waiter::arm() {
  clock_->set_timer(*this, tick_.deadline_ns);
  rhythm_->waiting_ = this;
}

bool Every::Waiter::withdraw() noexcept {
  rhythm_->waiting_ = nullptr;
  clock_->cancel_timer(*this);
  return true;
}

void Every::Waiter::fire() noexcept {
  rhythm_->waiting_ = nullptr;
  rhythm_->beat_ = after_tick_;
  rhythm_->missed_ += tick_.missed;
  tick_.lateness_ns = clock_->now_ns() - tick_.deadline_ns;
  complete();
}

void Every::Waiter::lose(internal::TimerLoss why) noexcept {
  rhythm_->waiting_ = nullptr;
  rhythm_->beat_.reset();
  if (why == internal::TimerLoss::kClockDestroyed) {
    rhythm_->clock_gone_ = true;
    fail();
  } else {
    source_changed_ = true;
    complete();
  }
}

Tick Every::Waiter::result() {
  if (std::exchange(source_changed_, false)) {
    throw TimeSourceChanged("the source of time was changed during a wait for a tick");
  }
  if (Clock& own = internal::this_thread.loop->state().clock; clock_ == &own) {  // another clock may be gone by now
    tick_.lateness_ns = own.now_ns() - tick_.deadline_ns;
  }
  return tick_;
}

std::string Every::Waiter::describe() const {
  return fmt::format("the next tick of every({:.6g} s)", core::to_seconds(rhythm_->period_ns_));
}

}  // namespace takt::async
