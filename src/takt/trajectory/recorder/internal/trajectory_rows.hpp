#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "takt/trajectory/recorder/internal/recording_file.hpp"
#include "takt/trajectory/trajectory.hpp"

namespace takt::trajectory::recorder::internal {

/// Makes a trajectory of states, one after the other, of those between two times.
class TrajectoryRows {
 public:
  /// @param where  file and topic, with which messages begin. @throws ConfigError for times that are no numbers.
  TrajectoryRows(TrajectoryInfo info, std::string where, const ReadOptions& options);

  /// @throws ConfigError naming the state and why it cannot follow.
  void add(const StateRow& row);

  /// @throws ConfigError when there was none, or some of them are lost.
  [[nodiscard]] Trajectory take();

  /// When the trajectory begins, since the first of all states.
  [[nodiscard]] core::Nanoseconds begin_ns() const noexcept { return begin_ns_; }

 private:
  [[noreturn]] void refuse(const std::string& what) const;
  void require_no_hole() const;
  void pass_over(const StateRow& row);
  void count(const StateRow& row);
  void follow(const Frame& frame);
  [[nodiscard]] bool repeats(const Frame& frame) const;

  Trajectory made_;
  std::string where_;
  std::size_t max_frames_;
  core::Nanoseconds from_ns_{std::numeric_limits<core::Nanoseconds>::min()};
  core::Nanoseconds to_ns_{std::numeric_limits<core::Nanoseconds>::max()};
  std::uint64_t rows_{0};  ///< seen, from 1 the number of the one being looked at
  std::uint64_t kept_{0};  ///< of them, between the times
  std::uint32_t first_sequence_{std::numeric_limits<std::uint32_t>::max()};  ///< the least
  std::uint32_t last_sequence_{0};                                           ///< the greatest
  std::optional<std::uint32_t> passed_{};  ///< the number of the last one outside of the times
  std::optional<std::uint32_t> before_{};  ///< of the last one before the first that is kept
  std::optional<std::uint32_t> after_{};   ///< of the first one after the last that is kept
  core::Nanoseconds first_stamp_ns_{0};
  core::Nanoseconds begin_ns_{0};  ///< of the first that is kept
  core::Nanoseconds end_ns_{0};    ///< of the last
  core::Nanoseconds t_ns_{0};      ///< of the one being looked at, since the first
};

/// What recorder::read_states does, of a file that is open.
[[nodiscard]] Trajectory read_states(const RecordingFile& file, const ReadOptions& options);

}  // namespace takt::trajectory::recorder::internal
