#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "takt/teleop/replay/digital_twin.hpp"
#include "takt/teleop/replay/test/recordings.hpp"
#include "takt/teleop/test/fake_robots.hpp"

namespace takt::teleop::replay::test {

/// A clock whose reader may be held up: what `hook` does happens once, when the time is asked for next.
class HookedClock final : public core::Clock {
 public:
  explicit HookedClock(core::Clock& clock) : clock_(clock) {}
  [[nodiscard]] core::Nanoseconds now_ns() const noexcept override {
    if (hook) {
      std::exchange(hook, nullptr)();
    }
    return clock_.now_ns();
  }
  void sleep_until_ns(core::Nanoseconds deadline_ns) noexcept override { clock_.sleep_until_ns(deadline_ns); }

  mutable std::function<void()> hook;  ///< set while nobody else asks

 private:
  core::Clock& clock_;
};

/// A twin of an arm of two joints that is at once where it is told to be, on a manual clock. The arm stands at (0, 0),
/// the recordings begin at (0.2, 0).
class TwinTest : public ::testing::Test {
 protected:
  void make(TwinOptions options = {}) {
    auto robot = std::make_unique<teleop::test::FakeFollower>(2, clock_);
    robot_ = robot.get();
    RobotNodeOptions node;
    node.name = "follower";
    follower_ = std::make_unique<RobotNode>(bus_, std::move(robot), node, clock_);
    leader_ = std::make_unique<RobotNode>(bus_, std::make_unique<teleop::test::FakeLeader>(2, clock_),
                                          RobotNodeOptions{.name = "leader"}, clock_);
    PairOptions pair;
    pair.pipeline.guard.limits = robot_->info().limits;
    orchestrator_ = std::make_unique<Orchestrator>(system_state_, clock_);
    if (with_leader_) {
      orchestrator_->add_pair(*leader_, *follower_, pair);
    } else {
      orchestrator_->add_follower(*follower_, pair);
    }
    options.own_thread = false;
    options.on_frame = [this](const EmittedFrame& frame) { seen_.push_back(frame); };
    options.on_left = [this](const std::string& why) {
      left_ = why;
      if (at_end_) {
        at_end_();
      }
    };
    twin_ = std::make_unique<DigitalTwin>(*orchestrator_, 0, std::move(options), twin_clock_);
    actions_ = follower_->action_topic().subscribe("test", [this](const messages::RobotState& action) {
      published_.push_back(action);
      told_.add(action.stamp_ns, action.joint_positions);
    });
    follower_->turn();
  }

  /// Time goes on: the play thread when it wants to, the arm's owner every 10 ms, its leader as well.
  void run(core::Nanoseconds duration_ns) {
    const core::Nanoseconds until_ns = clock_.now_ns() + duration_ns;
    while (clock_.now_ns() < until_ns) {
      const auto next_ns = twin_->turn();
      const core::Nanoseconds now_ns = clock_.now_ns();
      if (next_ns && *next_ns <= now_ns) {
        continue;
      }
      clock_.advance_ns(std::max(now_ns, std::min({next_ns.value_or(until_ns), owner_ns_, until_ns})) - now_ns);
      if (clock_.now_ns() >= owner_ns_) {
        owner_ns_ = clock_.now_ns() + 10 * kMs;
        if (leads_) {
          leader_->turn();
        }
        follower_->turn();
      }
    }
  }
  void run_to_end() {
    for (int i = 0; i < 6000 && twin_->status().phase >= TwinPhase::kApproaching; ++i) {
      run(10 * kMs);
    }
  }
  [[nodiscard]] std::string holder() const {
    const auto holder = follower_->lease().holder(clock_.now_ns());
    return holder ? std::string(holder->name.view()) : "";
  }
  [[nodiscard]] std::vector<messages::RobotState> frames() const {
    std::vector<messages::RobotState> frames;
    for (const messages::RobotState& action : published_) {
      for (const messages::Extra& extra : action.extras) {
        if (extra.key.view() == kFrameKey) {
          frames.push_back(action);
        }
      }
    }
    return frames;
  }

  bool with_leader_{false};
  bool leads_{false};
  bus::Bus bus_;
  core::ManualClock clock_{1'000'000'000};
  HookedClock twin_clock_{clock_};
  core::Nanoseconds owner_ns_{1'000'000'000};
  SystemState system_state_{bus_};
  teleop::test::FakeFollower* robot_{nullptr};
  std::unique_ptr<RobotNode> leader_;
  std::unique_ptr<RobotNode> follower_;
  std::unique_ptr<Orchestrator> orchestrator_;
  std::vector<EmittedFrame> seen_;
  std::vector<messages::RobotState> published_;
  Told told_;
  std::string left_;
  std::function<void()> at_end_;  ///< called when left_ is said, while the end is not over yet
  bus::Subscription actions_;
  std::unique_ptr<DigitalTwin> twin_;
};

}  // namespace takt::teleop::replay::test
