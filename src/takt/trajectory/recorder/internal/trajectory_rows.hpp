#pragma once

#include <cstddef>
#include <cstdint>
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

  /// @throws ConfigError when there was none.
  [[nodiscard]] Trajectory take();

 private:
  [[noreturn]] void refuse(const std::string& what) const;
  [[nodiscard]] bool repeats(const Frame& frame) const;

  Trajectory made_;
  std::string where_;
  std::size_t max_frames_;
  std::uint64_t rows_{0};  ///< seen, from 1 the number of the one being looked at
  core::Nanoseconds first_stamp_ns_{0};
  core::Nanoseconds t_ns_{0};
};

/// What recorder::read_states does, of a file that is open.
[[nodiscard]] Trajectory read_states(const RecordingFile& file, const ReadOptions& options);

}  // namespace takt::trajectory::recorder::internal
