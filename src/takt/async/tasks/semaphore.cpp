#include "takt/async/tasks/semaphore.hpp"

// A permit that comes back goes straight to who waits longest: permits are free only while nobody waits. So nobody can
// slip in between a wake-up and the woken task's turn.

namespace takt::async {

Semaphore::~Semaphore() {
  permits_.for_each([](Permit& permit) {
    permit.unlink();
    permit.semaphore_ = nullptr;
  });
}

std::optional<Semaphore::Permit> Semaphore::try_acquire() {
  thread_.check("Semaphore::try_acquire", name_.view());
  if (available_ == 0) {
    return std::nullopt;
  }
  --available_;
  return Permit(*this);
}

void Semaphore::add_permits(std::size_t count) {
  thread_.check("Semaphore::add_permits", name_.view());
  for (; count > 0 && !waiters_.empty(); --count) {
    give_back();
  }
  available_ += count;
}

std::size_t Semaphore::available() const {
  thread_.check("Semaphore::available", name_.view());
  return available_;
}

void Semaphore::give_back() {
  if (waiters_.empty()) {
    ++available_;
    return;
  }
  Acquire& next = waiters_.front();
  next.permit_ = Permit(*this);
  waiters_.wake(next);
}

Semaphore::Permit& Semaphore::Permit::operator=(Permit&& other) noexcept {
  if (this != &other) {
    release();
    take(other);
  }
  return *this;
}

void Semaphore::Permit::release() {
  if (semaphore_ != nullptr) {
    semaphore_->thread_.check("Semaphore::Permit::release", semaphore_->name_.view());
    unlink();
    std::exchange(semaphore_, nullptr)->give_back();
  }
}

void Semaphore::Permit::take(Permit& other) noexcept {
  semaphore_ = std::exchange(other.semaphore_, nullptr);
  if (semaphore_ != nullptr) {
    other.unlink();
    semaphore_->permits_.push_back(*this);
  }
}

bool Semaphore::Acquire::try_complete() {
  semaphore_->thread_.check("Semaphore::acquire", semaphore_->name_.view());
  if (semaphore_->available_ == 0) {
    return false;
  }
  --semaphore_->available_;
  permit_ = Permit(*semaphore_);
  return true;
}

std::string Semaphore::Acquire::describe() const {
  return "a permit of " + internal::describe_primitive("Semaphore", semaphore_->name_.view());
}

}  // namespace takt::async
