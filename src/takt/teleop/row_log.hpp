#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include <boost/describe.hpp>

#include "takt/messages/robot_state.hpp"

namespace takt::teleop {

/// What became of one row of a recording.
enum class RowFate : std::uint8_t {
  kApplied,   ///< the follower took it, unaltered
  kClamped,   ///< the follower took it, altered by a guard or an approach
  kRejected,  ///< a guard or the follower refused it
  kDropped,   ///< a delivery queue dropped it
};
BOOST_DESCRIBE_ENUM(RowFate, kApplied, kClamped, kRejected, kDropped)

struct RowOutcome {
  double source_t_s{0};
  RowFate fate{RowFate::kApplied};
};

/// The fates of a recording's rows between two drains, noted by whoever decided them: guards, follower, queue. Thread
/// safe; a note takes a short lock and allocates nothing. States without source_t_s are not rows and are not noted.
class RowLog {
 public:
  /// @param keep  rows between two drains; 0 notes nothing. What does not fit is counted as lost.
  explicit RowLog(std::size_t keep) : keep_(keep) { rows_.reserve(keep); }

  void note(const messages::RobotState& row, RowFate fate) noexcept {
    if (keep_ == 0 || !row.source_t_s) {
      return;
    }
    const std::scoped_lock lock(mutex_);
    if (rows_.size() < keep_) {
      rows_.push_back({.source_t_s = *row.source_t_s, .fate = fate});
    } else {
      ++lost_;
    }
  }

  [[nodiscard]] std::vector<RowOutcome> drain() {
    std::vector<RowOutcome> drained;
    drained.reserve(keep_);
    const std::scoped_lock lock(mutex_);
    drained.swap(rows_);
    return drained;
  }

  [[nodiscard]] std::uint64_t lost() const {
    const std::scoped_lock lock(mutex_);
    return lost_;
  }

 private:
  std::size_t keep_;
  mutable std::mutex mutex_;
  std::vector<RowOutcome> rows_;
  std::uint64_t lost_{0};
};

}  // namespace takt::teleop
