#include "takt/transports/dds/internal/events.hpp"

namespace takt::dds {

void Notices::open() {
  const std::uint32_t noted = pending_.exchange(0) & ~kHeld;
  if ((noted & kDataNotice) != 0) {
    tell_now(kDataNotice);
  }
  if ((noted & ~kDataNotice) != 0) {
    post(noted & ~kDataNotice);
  }
}

void Notices::post(std::uint32_t notices) {
  if (pending_.fetch_or(notices) == 0) {
    thread_.post([self = shared_from_this()] { self->tell_now(self->pending_.exchange(0)); });
  }
}

void Notices::data() {
  std::uint32_t pending = pending_.load();
  while ((pending & kHeld) != 0) {
    if (pending_.compare_exchange_weak(pending, pending | kDataNotice)) {
      return;
    }
  }
  tell_now(kDataNotice);
}

void Notices::stop() {
  const std::lock_guard lock(telling_);
  stopped_ = true;
}

void Notices::tell_now(std::uint32_t notices) {
  const std::lock_guard lock(telling_);
  if (!stopped_) {
    tell_(notices);
  }
}

}  // namespace takt::dds
