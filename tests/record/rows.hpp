#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "takt/messages/cdr.hpp"
#include "takt/messages/robot_state.hpp"
#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/recorder/recorder.hpp"

#include "lockstep_clock.hpp"

/// What the tests of recordings that end badly share: rows of five channels, one per millisecond of a lockstep clock.
namespace takt::test {

namespace recorder = trajectory::recorder;
namespace mcap = trajectory::mcap;

inline constexpr core::Nanoseconds kRowPeriod = 1'000'000;
inline constexpr std::uint64_t kRowsPerTurn = 5;  ///< the recorder looks every 5 ms
inline constexpr std::uint64_t kWaitsNever = ~std::uint64_t{0};
inline constexpr std::array kKinds{recorder::StateKind::kLeader, recorder::StateKind::kMapped,
                                   recorder::StateKind::kGuarded, recorder::StateKind::kSent,
                                   recorder::StateKind::kReadBack};

/// Row `number` of a 7-joint arm: numbers that do not compress to nothing.
inline messages::RobotState row_state(std::uint64_t number, core::Nanoseconds stamp_ns) {
  messages::RobotState state;
  state.stamp_ns = stamp_ns;
  state.sequence = number;
  state.trace_id = number;
  state.joint_positions.resize(7);
  state.joint_velocities.resize(7);
  for (std::size_t joint = 0; joint < 7; ++joint) {
    const double phase = 0.001 * static_cast<double>(number * (joint + 1));
    state.joint_positions[joint] = std::sin(phase);
    state.joint_velocities[joint] = std::cos(phase);
  }
  return state;
}

/// Records rows, one per millisecond, and waits for the recorder as often as it looks, unless it is told otherwise.
class RowWriter {
 public:
  RowWriter(recorder::Recorder& recorder, LockstepClock& clock) : clock_(clock) {
    for (const recorder::StateKind kind : kKinds) {
      channels_.push_back(&recorder.states({.robot = "arm",
                                            .kind = kind,
                                            .arm = "fr3",
                                            .robot_type = messages::RobotType::kFr3,
                                            .joint_names = {"j1", "j2", "j3", "j4", "j5", "j6", "j7"}}));
    }
  }

  /// @return whether the recorder took all of it
  bool write_row() {
    const messages::RobotState state = row_state(++rows_, clock_.now_ns());
    bool taken = true;
    for (recorder::StateChannel* channel : channels_) {
      taken = channel->record(state) && taken;
    }
    clock_.advance_ns(kRowPeriod);
    if (++rows_since_turn_ >= rows_per_turn_) {
      clock_.wait_for_turn();
      rows_since_turn_ = 0;
    }
    return taken;
  }

  /// From now on waits for the recorder after so many rows, which it may find in its ring all at once.
  void wait_every(std::uint64_t rows) noexcept { rows_per_turn_ = rows; }

  [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }

 private:
  LockstepClock& clock_;
  std::vector<recorder::StateChannel*> channels_;
  std::uint64_t rows_{0};
  std::uint64_t rows_since_turn_{0};
  std::uint64_t rows_per_turn_{kRowsPerTurn};
};

/// The rows that a file has: of each channel the numbers 1, 2, 3 … without a gap.
struct ReadRows {
  std::uint64_t most{0};   ///< of the channel that has the most
  std::uint64_t least{0};  ///< of the one that has the fewest
  std::uint64_t messages{0};
  std::uint64_t chunks{0};
  bool recovered{false};
};

inline ReadRows read_rows(const mcap::Reader& reader) {
  std::map<std::string, std::uint64_t> last;
  ReadRows rows{.chunks = reader.statistics().chunks, .recovered = reader.recovered()};
  for (const mcap::Message& message : reader.messages()) {
    ++rows.messages;
    const mcap::Channel& channel = *reader.find(message.channel);
    if (channel.message_encoding != "cdr") {
      continue;
    }
    const auto state = messages::from_cdr<recorder::RecordedState>(message.data);
    EXPECT_TRUE(state) << channel.topic;
    std::uint64_t& number = last[channel.topic];
    EXPECT_EQ(state->sequence, ++number) << channel.topic << " has a gap";
    const messages::RobotState wrote = row_state(state->sequence, state->stamp_ns);
    EXPECT_EQ(state->joint_positions, wrote.joint_positions) << channel.topic;
  }
  for (const auto& [topic, number] : last) {
    rows.most = std::max(rows.most, number);
  }
  rows.least = last.size() < kKinds.size() ? 0 : rows.most;
  for (const auto& [topic, number] : last) {
    rows.least = std::min(rows.least, number);
  }
  return rows;
}

}  // namespace takt::test
