#include "takt/async/tasks/event.hpp"

namespace takt::async {

void Event::set() {
  thread_.check("Event::set", name_.view());
  set_ = true;
  waiters_.wake_all();
}

void Event::clear() {
  thread_.check("Event::clear", name_.view());
  set_ = false;
}

bool Event::is_set() const {
  thread_.check("Event::is_set", name_.view());
  return set_;
}

bool Event::Waiter::try_complete() {
  event_->thread_.check("Event::wait", event_->name_.view());
  return event_->set_;
}

std::string Event::Waiter::describe() const {
  return internal::describe_primitive("Event", event_->name_.view());
}

}  // namespace takt::async
