#pragma once

#include <algorithm>
#include <atomic>

#include "takt/core/time.hpp"

namespace takt::dds {

/// How long the deletion of a writer waits for readers that have not confirmed what it sent: each a while from
/// when it was destroyed, and from the transport's end on all together no longer than one. Times are those of a clock
/// that never stands at 0. Any thread.
class Linger {
 public:
  explicit Linger(core::Nanoseconds longest_ns) noexcept : longest_ns_(longest_ns) {}

  void end(core::Nanoseconds now_ns) noexcept { end_ns_ = now_ns + longest_ns_; }
  [[nodiscard]] core::Nanoseconds next(core::Nanoseconds destroyed_ns, core::Nanoseconds now_ns) const noexcept {
    const core::Nanoseconds end_ns = end_ns_;
    const core::Nanoseconds own_ns = destroyed_ns + longest_ns_;
    const core::Nanoseconds until_ns = end_ns == 0 ? own_ns : std::min(own_ns, end_ns);
    return std::clamp<core::Nanoseconds>(until_ns - now_ns, 0, longest_ns_);
  }

 private:
  const core::Nanoseconds longest_ns_;
  std::atomic<core::Nanoseconds> end_ns_{0};  // 0: not yet
};

}  // namespace takt::dds
