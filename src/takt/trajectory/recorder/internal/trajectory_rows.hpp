#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "takt/trajectory/recorder/internal/recording_file.hpp"
#include "takt/trajectory/trajectory.hpp"

namespace takt::trajectory::recorder::internal {

/// Makes a trajectory of states, one after the other.
class TrajectoryRows {
 public:
  /// @param where  file and topic, with which messages begin.
  TrajectoryRows(TrajectoryInfo info, std::string where, std::size_t max_frames)
      : made_(std::move(info)), where_(std::move(where)), max_frames_(max_frames) {}

  /// @throws ConfigError naming the state and why it cannot follow.
  void add(const StateRow& row);

  /// @throws ConfigError when there was none, or some between the first and the last are lost.
  [[nodiscard]] Trajectory take();

 private:
  [[noreturn]] void refuse(const std::string& what) const;
  void require_no_hole() const;
  [[nodiscard]] bool repeats(const Frame& frame) const;

  Trajectory made_;
  std::string where_;
  std::size_t max_frames_;
  std::uint64_t rows_{0};  ///< seen, from 1 the number of the one being looked at
  std::uint32_t first_sequence_{std::numeric_limits<std::uint32_t>::max()};  ///< the least
  std::uint32_t last_sequence_{0};                                           ///< the greatest
  core::Nanoseconds first_stamp_ns_{0};
  core::Nanoseconds t_ns_{0};
};

/// What recorder::read_states does, of a file that is open.
[[nodiscard]] Trajectory read_states(const RecordingFile& file, const ReadOptions& options);

}  // namespace takt::trajectory::recorder::internal
