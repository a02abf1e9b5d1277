#pragma once

#include <algorithm>
#include <functional>
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
#include "takt/teleop/replay/test/whole_play.hpp"
#include "takt/teleop/replay/twin_on_bus.hpp"
#include "takt/teleop/test/fake_robots.hpp"

namespace takt::teleop::replay::test {

/// Of a client whose lease and requests bear what a busy machine does to it.
inline constexpr Patience kPatient{.timeout_s = 60.0, .resend_after_s = 60.0, .find_s = 60.0};
inline constexpr double kLongLease_s = 10.0;

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
  [[nodiscard]] bool is_played() { return replay::is_played(owner_->twin().status().phase); }

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

  /// A loop, until a frame of it was emitted; asked for anew where the machine held this up for longer than its lease.
  void play_until_emitted(RemoteTwin& remote) {
    ask(remote, trigger(true));
    while (emitted().empty()) {
      if (!is_played()) {
        static_cast<void>(remote.handle(trigger(true), {}));
      }
      remote.renew();
      wait();
    }
  }

  [[nodiscard]] std::vector<core::JointVector> play(CommandHandler& handler, const std::function<void()>& renew) {
    return whole_play(owner_->twin(), trigger(),
                      {.handler = handler, .renew = renew, .emitted = [this] { return emitted(); }});
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
