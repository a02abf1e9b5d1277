#include "takt/control/lease.hpp"

#include <algorithm>

// admits() reads two atomics without a lock. A change of holder stores the new epoch before the new expiry, and an
// expiry of one epoch only grows. So a reader that finds its own epoch before and after it read the expiry has an
// expiry of its own term, or an older one of a smaller value; it can err only towards refusal, and only while acquire()
// has not returned.

namespace takt::control {
namespace {

core::Nanoseconds end_of(core::Nanoseconds now_ns, core::Nanoseconds duration_ns) noexcept {
  return duration_ns > kUnlimited - std::max<core::Nanoseconds>(now_ns, 0) ? kUnlimited : now_ns + duration_ns;
}

}  // namespace

bool Lease::held_locked(core::Nanoseconds now_ns) const noexcept {
  return holder_.epoch != 0 && now_ns < holder_.expires_ns;
}

Expected<LeaseEpoch, LeaseError> Lease::give_locked(std::string_view holder, core::Nanoseconds now_ns,
                                                    core::Nanoseconds duration_ns) {
  if (holder.empty() || duration_ns <= 0) {
    return Unexpected(LeaseError::kInvalid);
  }
  if (last_epoch_ == std::numeric_limits<LeaseEpoch>::max()) {
    return Unexpected(LeaseError::kSpent);
  }
  holder_ = {.name = holder, .epoch = ++last_epoch_, .expires_ns = end_of(now_ns, duration_ns)};
  epoch_.store(holder_.epoch, std::memory_order_release);
  expires_ns_.store(holder_.expires_ns, std::memory_order_release);
  return holder_.epoch;
}

Expected<LeaseEpoch, LeaseError> Lease::acquire(std::string_view holder, core::Nanoseconds now_ns,
                                                core::Nanoseconds duration_ns) {
  const std::scoped_lock lock(mutex_);
  if (held_locked(now_ns)) {
    return Unexpected(LeaseError::kHeld);
  }
  return give_locked(holder, now_ns, duration_ns);
}

Expected<LeaseEpoch, LeaseError> Lease::hand_over(LeaseEpoch epoch, std::string_view to_holder,
                                                  core::Nanoseconds now_ns, core::Nanoseconds duration_ns) {
  const std::scoped_lock lock(mutex_);
  if (!held_locked(now_ns) || holder_.epoch != epoch) {
    return Unexpected(LeaseError::kStale);
  }
  return give_locked(to_holder, now_ns, duration_ns);
}

Expected<void, LeaseError> Lease::renew(LeaseEpoch epoch, core::Nanoseconds now_ns, core::Nanoseconds duration_ns) {
  const std::scoped_lock lock(mutex_);
  if (duration_ns <= 0) {
    return Unexpected(LeaseError::kInvalid);
  }
  if (!held_locked(now_ns) || holder_.epoch != epoch) {
    return Unexpected(LeaseError::kStale);
  }
  holder_.expires_ns = std::max(holder_.expires_ns, end_of(now_ns, duration_ns));
  expires_ns_.store(holder_.expires_ns, std::memory_order_release);
  return {};
}

bool Lease::release(LeaseEpoch epoch) {
  const std::scoped_lock lock(mutex_);
  if (epoch == 0 || holder_.epoch != epoch) {
    return false;
  }
  holder_ = {};
  epoch_.store(0, std::memory_order_release);
  return true;
}

void Lease::revoke() {
  const std::scoped_lock lock(mutex_);
  holder_ = {};
  epoch_.store(0, std::memory_order_release);
}

bool Lease::admits(LeaseEpoch epoch, core::Nanoseconds now_ns) noexcept {
  if (epoch != 0 && epoch_.load(std::memory_order_acquire) == epoch) {
    const core::Nanoseconds expires_ns = expires_ns_.load(std::memory_order_acquire);
    if (now_ns < expires_ns && epoch_.load(std::memory_order_acquire) == epoch) {
      return true;
    }
  }
  refused_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

std::optional<Lease::Holder> Lease::holder(core::Nanoseconds now_ns) const {
  const std::scoped_lock lock(mutex_);
  return held_locked(now_ns) ? std::optional(holder_) : std::nullopt;
}

}  // namespace takt::control
