#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "takt/bus/memory_transport.hpp"
#include "takt/teleop/replay/remote_twin.hpp"
#include "takt/teleop/replay/replay_owner.hpp"
#include "takt/teleop/replay/test/recordings.hpp"
#include "takt/teleop/replay/twin_on_bus.hpp"
#include "takt/teleop/test/fake_robots.hpp"

namespace takt::teleop::replay::test {

/// An owner and a client on two hosts, in real time.
class RemoteTest : public ::testing::Test {
 protected:
  RemoteTest() {
    robot_bus_.add(memory_.join("robot"));
    desk_bus_.add(memory_.join("desk"));
    ReplayOwnerOptions options;
    options.twin.on_frame = [this](const EmittedFrame& frame) {
      const std::scoped_lock lock(mutex_);
      frames_.push_back(frame.action->joint_positions);
    };
    owner_.emplace(std::make_unique<teleop::test::FakeFollower>(2, core::steady_clock()), std::move(options));
    owner_->start();
    on_bus_.emplace(owner_->twin(), robot_bus_);
  }

  static void wait() { core::steady_clock().sleep_until_ns(core::monotonic_now_ns() + kMs); }
  [[nodiscard]] bool is_played() { return owner_->twin().status().phase >= TwinPhase::kApproaching; }

  /// The frames emitted since this was called last.
  [[nodiscard]] std::vector<core::JointVector> emitted() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(frames_, {});
  }

  static void ask(CommandHandler& handler, const Command& command) {
    const auto result = handler.handle(command, {});
    ASSERT_TRUE(result) << result.error();
  }

  [[nodiscard]] static Command trigger(bool loop = false) {
    Command command{.action = CommandAction::kTriggerReplay};
    command.params.trajectories.push_back({.name = "wave", .shipped = to_columns(recording(100.0, 0.5, 0.02, 0.0))});
    command.params.loop = loop;
    return command;
  }

  bus::MemoryNetwork memory_;
  bus::Bus robot_bus_;
  bus::Bus desk_bus_;
  std::mutex mutex_;
  std::vector<core::JointVector> frames_;
  std::optional<ReplayOwner> owner_;
  std::optional<TwinOnBus> on_bus_;
};

}  // namespace takt::teleop::replay::test
