#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "takt/core/time.hpp"
#include "takt/trajectory/recorder/recorded_state.hpp"
#include "takt/trajectory/trajectory.hpp"

/// Recordings read back. Any thread; not real-time safe.
namespace takt::trajectory::recorder {

/// A state channel of a recording.
struct RecordedChannel {
  StateChannelInfo info{};
  std::uint64_t frames{0};   ///< in the file
  std::uint64_t dropped{0};  ///< that the recorder counted
};

/// An episode of a recording.
struct RecordedEpisode {
  std::uint32_t number{0};  ///< from 1
  std::string task{};
  std::optional<bool> success{};  ///< nothing: nobody said
  bool discarded{false};
  bool began{true};               ///< false: its begin is lost with a part of the file, and with it the task
  bool ended{true};               ///< false: the recording broke off within
  std::int64_t start_wall_ns{0};  ///< UTC, ns since 1970; of its first state where its begin is lost
  core::Nanoseconds duration_ns{0};
  std::vector<std::uint64_t> frames{};   ///< in the file, of each channel, in the order of Recording::channels
  std::vector<std::uint64_t> dropped{};  ///< likewise, that the recorder counted
};

/// What a recording holds.
struct Recording {
  std::filesystem::path path{};
  std::vector<RecordedChannel> channels{};
  std::vector<RecordedEpisode> episodes{};
  std::string trajectory{};     ///< the name of the one trajectory that the file was made of; empty: it was recorded
  std::string configuration{};  ///< the attachment; empty: none
  core::Nanoseconds duration_ns{0};  ///< from the first record to the last
  bool recovered{false};             ///< it was not closed: read as far as it is whole
  std::string missing{};             ///< what a recovered file, or the one it was repaired of, lacks, for people
};

/// @throws ConfigError naming the file and why: not there, no MCAP, not made by a recorder of a version known here, or
/// damaged within.
[[nodiscard]] Recording list_recording(const std::filesystem::path& path);

/// Which states to read.
struct ReadOptions {
  std::string robot{};  ///< empty: the only one that has states of this kind
  /// Nothing: the first of trajectory, sent, read_back, guarded, mapped, leader that the file has.
  std::optional<StateKind> kind{};
  /// By number, also one that was discarded. Nothing: the only one that was not; all states where there is none at all.
  std::optional<std::uint32_t> episode{};
  /// The arm it is for, to refuse another's: its RobotInfo::name; empty: any.
  std::string expect_arm{};
  /// Its joints in their order, likewise; empty: any.
  std::vector<std::string> expect_joint_names{};
  /// Those from `from_s` to `to_s` alone, as trim() has them, in seconds since the first; nothing: from it, to the
  /// last. The others take no memory and may be as they are.
  std::optional<double> from_s{};
  std::optional<double> to_s{};
  /// More are refused: a small file may claim to hold more than the memory does. As of a CSV table: 66 minutes at 1
  /// kHz.
  std::size_t max_frames{4'000'000};
};

/// The states of one channel in one episode as a trajectory: by the stamps of their measurement, the first at 0. A
/// state that was recorded twice (same stamp, same values) counts once.
/// @throws ConfigError in one line: what list_recording throws; no such robot, kind or episode, or several, naming what
/// there is; another arm or other joints than expected; no states, some that are lost between the others, or between
/// them and a bound, or times that are no numbers; and of a state, with its number and time: missing joints, degrees, a
/// number that is not finite, a stamp that does not rise, a gripper or velocities that some have and others have not;
/// more states than ReadOptions::max_frames.
[[nodiscard]] Trajectory read_states(const std::filesystem::path& path, const ReadOptions& options = {});

}  // namespace takt::trajectory::recorder
