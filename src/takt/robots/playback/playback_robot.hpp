#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "takt/core/csv/recording.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/robot_state.hpp"
#include "takt/robots/robot.hpp"

namespace takt::robots::playback {

using core::csv::Recording;

struct PlaybackOptions {
  double speed{1.0};  ///< recording seconds per second, > 0
  bool loop{false};   ///< begin again after the last row; the jump back is the follower's guards' business
  bool wait_for_engaged{
      true};  ///< wait at the first frame for set_engaged(true); false: play from the first read, never pause

  /// How often a held frame is repeated, and the longest sleep inside `read` before it looks at engagement again.
  core::Nanoseconds poll_interval_ns{10'000'000};
};

/// A leader that plays a recording at the recording's own pace. It is self-paced: `read` sleeps until its state is due.
///
///   engaged      each `read` returns the next row, exactly one and never skipping one, when its time has come; the
///   stamp is
///                the time of return, and grows strictly. The first row is due at once, row k at
///                t_0 + (row k's t_s − row 0's t_s) / speed.
///   not engaged  each `read` returns the current row again after one poll interval, with a fresh stamp and the same
///                source_t_s, so that a follower can align to it. Engaging again goes on with the next row after its
///                full interval. Before the first engagement the current row is the first one, which is then still to
///                be played.
///   finished     health() is kFinished once the last row was returned; `read` repeats it with its old stamp.
///
/// A reader that comes late gets the next row at once and the pace is kept, up to one poll interval; when it is later
/// than that, the recording shifts by the delay, so that rows are not hurried through (counted by `shifts`).
///
/// `read` is called by one thread at a time; set_engaged, stop, health and the counters by any. `read` allocates
/// nothing.
class PlaybackRobot final : public Robot {
 public:
  /// @param clock  must outlive the robot.
  /// @throws ConfigError when the speed is not positive and finite, or so small that the recording would last 100
  /// years.
  explicit PlaybackRobot(Recording recording, const PlaybackOptions& options = {},
                         core::Clock& clock = core::steady_clock());

  [[nodiscard]] const RobotInfo& info() const noexcept override { return info_; }
  void start() override;          ///< From the first row, also after a stop.
  void stop() noexcept override;  ///< A sleeping `read` returns its last state within a poll interval.
  void read(messages::RobotState& state) override;
  void write(const messages::RobotState& target) override;  ///< Always a LogicError: a recording cannot be written.
  void set_engaged(bool engaged) noexcept override;
  [[nodiscard]] RobotHealth health() const noexcept override;

  [[nodiscard]] const Recording& recording() const noexcept { return recording_; }

  /// Rows returned while engaged; at the end of a recording that is not looped, all of them.
  [[nodiscard]] std::uint64_t rows_played() const noexcept { return rows_played_.load(std::memory_order_relaxed); }

  /// Times that a late reader moved the rest of the recording.
  [[nodiscard]] std::uint64_t shifts() const noexcept { return shifts_.load(std::memory_order_relaxed); }

 private:
  enum class Wake : std::uint8_t { kDue, kDisengaged, kStopped };

  [[nodiscard]] bool is_playing() const noexcept;
  [[nodiscard]] core::Nanoseconds interval_before(std::size_t row) const noexcept;
  Wake wait_for_next_row() noexcept;
  void play_row() noexcept;
  void hold_row() noexcept;
  void fill(messages::RobotState& state) const noexcept;
  void stamp_now() noexcept;

  Recording recording_;
  PlaybackOptions options_;
  core::Clock& clock_;
  RobotInfo info_;

  std::atomic<bool> engaged_{false};
  std::atomic<bool> stopped_{true};
  std::atomic<bool> finished_{false};
  std::atomic<std::uint64_t> rows_played_{0};
  std::atomic<std::uint64_t> shifts_{0};

  // The reading thread's own.
  std::size_t current_{0};       ///< row returned last, or to be held
  std::size_t next_{0};          ///< row to be played next; rows.size() at the end
  bool was_playing_{false};      ///< due_ns_ is valid
  core::Nanoseconds due_ns_{0};  ///< when next_ is due
  core::Nanoseconds hold_until_ns_{0};
  core::Nanoseconds stamp_ns_{0};
};

}  // namespace takt::robots::playback
