#include "takt/testing/lock_guard.hpp"

#include <ctime>

#include <dlfcn.h>
#include <pthread.h>

#include "takt/core/sanitizers.hpp"

namespace {

// Zero-initialised thread-local storage of the program itself: touching it never allocates or locks.
thread_local std::uint64_t locks = 0;

}  // namespace

#if !TAKT_SANITIZED

namespace {

/// The C library's own function of that name. No static initialisation with a guard: that would lock.
template <class Function>
Function* original(Function*& found, const char* name) noexcept {
  Function* known = __atomic_load_n(&found, __ATOMIC_ACQUIRE);
  if (known == nullptr) {
    known = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
    __atomic_store_n(&found, known, __ATOMIC_RELEASE);
  }
  return known;
}

using Lock = int(pthread_mutex_t*);
using TimedLock = int(pthread_mutex_t*, const timespec*);
using ClockLock = int(pthread_mutex_t*, clockid_t, const timespec*);

Lock* real_lock = nullptr;
Lock* real_trylock = nullptr;
TimedLock* real_timedlock = nullptr;
ClockLock* real_clocklock = nullptr;

}  // namespace

extern "C" {

int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  ++locks;
  return original(real_lock, "pthread_mutex_lock")(mutex);
}

int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
  ++locks;
  return original(real_trylock, "pthread_mutex_trylock")(mutex);
}

int pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* deadline) noexcept {
  ++locks;
  return original(real_timedlock, "pthread_mutex_timedlock")(mutex, deadline);
}

int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock, const timespec* deadline) noexcept {
  ++locks;
  return original(real_clocklock, "pthread_mutex_clocklock")(mutex, clock, deadline);
}
}

#endif

namespace takt::testing {

LockGuard::LockGuard() noexcept : start_(locks) {}

std::uint64_t LockGuard::count() const noexcept {
  return locks - start_;
}

bool LockGuard::counts() noexcept {
#if TAKT_SANITIZED
  return false;
#else
  return true;
#endif
}

}  // namespace takt::testing
