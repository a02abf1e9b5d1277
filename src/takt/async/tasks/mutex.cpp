#include "takt/async/tasks/mutex.hpp"

#include <fmt/core.h>

#include "takt/async/tasks/internal/this_thread.hpp"
#include "takt/core/error.hpp"

// An unlocked mutex goes straight to who waits longest: it is free only while nobody waits. There is one Lock at most;
// the mutex knows where it is, so that neither can outlive the other unnoticed.

namespace takt::async {

Mutex::~Mutex() {
  if (lock_ != nullptr) {
    lock_->mutex_ = nullptr;
  }
}

std::optional<Mutex::Lock> Mutex::try_lock() {
  thread_.check("Mutex::try_lock", name_.view());
  if (lock_ != nullptr) {
    return std::nullopt;
  }
  return Lock(*this, internal::this_thread.task);
}

bool Mutex::locked() const {
  thread_.check("Mutex::locked", name_.view());
  return lock_ != nullptr;
}

void Mutex::hand_on() noexcept {
  lock_ = nullptr;
  holder_ = 0;
  if (!waiters_.empty()) {
    Locking& next = waiters_.front();
    next.lock_ = Lock(*this, &next.task());
    waiters_.wake(next);
  }
}

Mutex::Lock::Lock(Mutex& mutex, const internal::RunningTask* holder) noexcept : mutex_(&mutex) {
  mutex.lock_ = this;
  mutex.holder_ = holder != nullptr ? holder->serial : 0;
  mutex.holder_name_ = holder != nullptr ? holder->name : TaskName();
}

Mutex::Lock& Mutex::Lock::operator=(Lock&& other) noexcept {
  if (this != &other) {
    unlock();
    take(other);
  }
  return *this;
}

void Mutex::Lock::unlock() {
  if (mutex_ != nullptr) {
    mutex_->thread_.check("Mutex::Lock::unlock", mutex_->name_.view());
    std::exchange(mutex_, nullptr)->hand_on();
  }
}

void Mutex::Lock::take(Lock& other) noexcept {
  mutex_ = std::exchange(other.mutex_, nullptr);
  if (mutex_ != nullptr) {
    mutex_->lock_ = this;
  }
}

bool Mutex::Locking::try_complete() {
  mutex_->thread_.check("Mutex::lock", mutex_->name_.view());
  if (mutex_->lock_ == nullptr) {
    lock_ = Lock(*mutex_, &task());
    return true;
  }
  if (mutex_->holder_ == task().serial) {
    throw LogicError(fmt::format("task '{}' locks {}, which it holds already: it would wait for itself",
                                 internal::path_of(task()),
                                 internal::describe_primitive("Mutex", mutex_->name_.view())));
  }
  return false;
}

std::string Mutex::Locking::describe() const {
  const std::string mutex = internal::describe_primitive("Mutex", mutex_->name_.view());
  return mutex_->holder_ == 0 ? mutex : fmt::format("{}, held by '{}'", mutex, mutex_->holder_name_.view());
}

}  // namespace takt::async
