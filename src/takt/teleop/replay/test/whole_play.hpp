#pragma once

#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"
#include "takt/teleop/replay/command.hpp"
#include "takt/teleop/replay/digital_twin.hpp"

namespace takt::teleop::replay::test {

/// Who asks for a play, and sees what is emitted.
struct Audience {
  CommandHandler& handler;
  std::function<void()> renew;                              ///< again and again while it is played
  std::function<std::vector<core::JointVector>()> emitted;  ///< the frames since this was called last
};

/// Renews until it is played no more, or this holds.
inline void follow(DigitalTwin& twin, const Audience& audience, const std::function<bool()>& holds) {
  while (twin.status().phase >= TwinPhase::kApproaching && !holds()) {
    audience.renew();
    core::steady_clock().sleep_until_ns(core::monotonic_now_ns() + 1'000'000);
  }
}

/// The frames of one play from its first to its last; the arm is where the recording begins then. In real time: once
/// more where the machine was so late that frames were put off, since a guard may have altered those after it.
inline std::vector<core::JointVector> whole_play(DigitalTwin& twin, const Command& trigger, const Audience& audience) {
  const auto ask = [&audience](const Command& command) {
    const auto done = audience.handler.handle(command, {});
    ASSERT_TRUE(done) << done.error();
  };
  const auto never = [] { return false; };
  std::vector<core::JointVector> frames;
  for (bool put_off = true; put_off && !::testing::Test::HasFatalFailure();) {
    static_cast<void>(audience.emitted());
    ask(trigger);
    follow(twin, audience, never);
    put_off = twin.status().stalls > 0;
    frames = audience.emitted();
    EXPECT_TRUE(put_off || twin.status().left.empty()) << twin.status().left;
    ask({.action = CommandAction::kGotoTrajectory, .params = {}});
    follow(twin, audience, [&twin] { return twin.status().phase == TwinPhase::kPaused; });
    ask({.action = CommandAction::kStopReplay, .params = {}});
    follow(twin, audience, never);
  }
  return frames;
}

}  // namespace takt::teleop::replay::test
