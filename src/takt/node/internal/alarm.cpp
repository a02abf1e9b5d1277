#include "takt/node/internal/alarm.hpp"

namespace takt::node::internal {

bool Alarm::try_complete() {
  if (clock_.destroyed_) {
    end_ = AlarmEnd::kDestroyed;
    return true;
  }
  source_ = &clock_.source();
  return deadline_ns_ && source_->now_ns() >= *deadline_ns_;
}

void Alarm::arm() {
  if (deadline_ns_) {
    source_->set_timer(*this, *deadline_ns_);
  }
  clock_.alarms_.push(*this);
}

void Alarm::finish(AlarmEnd end) noexcept {
  if (!parked()) {  // it ended already, and its task has not run yet
    return;
  }
  if (set()) {
    source_->cancel_timer(*this);
  }
  end_ = end;
  clock_.alarms_.wake(*this);
}

bool Alarm::withdraw() noexcept {
  if (set()) {
    source_->cancel_timer(*this);
  }
  return QueuedAwaitable::withdraw();
}

void Alarm::fire() noexcept {
  finish(AlarmEnd::kDue);
}

void Alarm::lose(async::internal::TimerLoss /*why*/) noexcept {
  finish(AlarmEnd::kSourceChanged);
}

}  // namespace takt::node::internal
