#include "takt/teleop/recording/teleop_recording.hpp"

#include <atomic>
#include <cerrno>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/teleop/recording/test/recording_rig.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::teleop::recording {
namespace {

/// Of one channel, the row of a trace id.
const RecordedState& row(const FileContents& file, const std::string& topic, std::uint64_t trace_id) {
  for (const RecordedState& state : file.states.at(topic)) {
    if (state.trace_id == trace_id) {
      return state;
    }
  }
  ADD_FAILURE() << topic << " has no row of trace id " << trace_id;
  static const RecordedState none;
  return none;
}

TEST_F(RecordingTest, KeepsEachValueOfACommandUnderItsTraceIdWithAStampOfItsOwn) {
  PairOptions options;
  options.map.scale = {0.5, -1.0};
  make_recorded(std::move(options));
  leader_robot_->set_positions({0.4, 0.2});
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  leader_robot_->set_positions({1.6, 0.2});
  tick();
  const FileContents file = close();
  const RecordedState& last = file.states.at("/leader/leader").back();
  ASSERT_NE(last.trace_id, 0U);
  EXPECT_EQ(last.joint_positions, (core::JointVector{1.6, 0.2})) << "as the leader was read";
  const RecordedState& mapped = row(file, "/follower/mapped", last.trace_id);
  const RecordedState& guarded = row(file, "/follower/guarded", last.trace_id);
  const RecordedState& sent = row(file, "/follower/sent", last.trace_id);
  EXPECT_EQ(mapped.joint_positions, (core::JointVector{0.8, -0.2}));
  EXPECT_LT(guarded.joint_positions[0], 0.4) << "the guards let it through in steps";
  EXPECT_EQ(guarded.mark, messages::CommandMark::kClamped);
  EXPECT_EQ(sent.joint_positions, guarded.joint_positions);
  EXPECT_EQ(sent.joint_positions, follower_robot_->writes().back());
  EXPECT_NE(sent.lease_epoch, 0U);
  using enum messages::HopPoint;
  ASSERT_FALSE(last.hops.empty() || mapped.hops.empty() || guarded.hops.empty() || sent.hops.empty());
  EXPECT_EQ(last.hops.back().point, kGotState);
  EXPECT_EQ(mapped.hops.back().point, kConverted);
  EXPECT_EQ(guarded.hops.back().point, kGuarded);
  EXPECT_EQ(sent.hops.back().point, kApplied);
  EXPECT_EQ(file.states.at("/follower/read_back").back().joint_positions, sent.joint_positions);
}

TEST_F(RecordingTest, HasEveryStateAndEveryCommandOfARun) {
  make_recorded();
  leader_robot_->set_positions({0.4, 0.2});
  orchestrator_->set_mode(ControlMode::kTeleop);
  for (int i = 0; i < 300; ++i) {
    tick();
  }
  EXPECT_EQ(recording_->frames(), 5U * 300U);
  const FileContents file = close();
  for (const char* topic :
       {"/leader/leader", "/follower/mapped", "/follower/guarded", "/follower/sent", "/follower/read_back"}) {
    EXPECT_EQ(file.states.at(topic).size(), 300U) << topic;
  }
  EXPECT_EQ(file.states.size(), 5U);
}

TEST_F(RecordingTest, SaysWhichArmEachChannelIsOf) {
  make_recorded();
  tick();
  recording_->close();
  const trajectory::mcap::Reader reader(std::make_unique<trajectory::mcap::MemorySource>(bytes_, "test.mcap"));
  const auto* sent = reader.find_topic("/follower/sent");
  const auto* leader = reader.find_topic("/leader/leader");
  ASSERT_NE(sent, nullptr);
  ASSERT_NE(leader, nullptr);
  EXPECT_EQ(sent->metadata.at("arm"), "fake_follower");
  EXPECT_EQ(leader->metadata.at("arm"), "fake_leader");
  EXPECT_EQ(nlohmann::json::parse(sent->metadata.at("joint_names")), (nlohmann::json{"joint0", "joint1"}));
}

TEST_F(RecordingTest, TellsModesPhasesAndFaultsWhenTheyHappen) {
  make_recorded();
  leader_robot_->set_positions({0.5, 0.0});
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  const core::Nanoseconds engaged_ns = clock_.now_ns();
  clock_.advance_ns(10 * kTick);
  follower_->fail("it smokes");
  leader_->fail("its cable is out");
  orchestrator_->set_mode(ControlMode::kIdle);
  const FileContents file = close();
  EXPECT_EQ(file.texts("/takt/mode", "follower"), (std::vector<std::string>{"teleop", "idle"}));
  EXPECT_EQ(file.texts("/takt/engaged", "follower"), (std::vector<std::string>{"aligning", "engaged", "waiting"}));
  EXPECT_EQ(file.texts("/takt/fault", "follower"), std::vector<std::string>{"follower: it smokes"});
  EXPECT_EQ(file.texts("/takt/fault", "leader"), std::vector<std::string>{"leader: its cable is out"});
  EXPECT_EQ(file.events.at("/takt/engaged").at(1).at("recorded_ns"), engaged_ns);
  EXPECT_EQ(file.events.at("/takt/fault").at(0).at("recorded_ns"), engaged_ns + 10 * kTick);
}

TEST_F(RecordingTest, WritesStatisticsOncePerSecondAndAtTheEnd) {
  make_recorded();
  orchestrator_->set_mode(ControlMode::kTeleop);
  for (int i = 0; i < 350; ++i) {  // 3.5 s
    tick();
    recording_->poll();
  }
  const std::uint64_t published = orchestrator_->counters(0).published;
  const FileContents file = close();
  const auto& statistics = file.events.at("/takt/statistics");
  ASSERT_EQ(statistics.size(), 4U);
  for (std::size_t i = 0; i + 1 < statistics.size(); ++i) {
    EXPECT_EQ(statistics[i].at("data").at("stamp_ns"), 1'000'000'000 * (static_cast<std::int64_t>(i) + 2));
  }
  const nlohmann::json& last = statistics.back().at("data");
  EXPECT_EQ(last.at("mode"), "teleop");
  EXPECT_EQ(last.at("pairs").at(0).at("follower"), "follower");
  EXPECT_EQ(last.at("pairs").at(0).at("phase"), "engaged");
  EXPECT_EQ(last.at("pairs").at(0).at("published"), published);
  EXPECT_GT(last.at("pairs").at(0).at("guards").at("start_alignment"), 0);
  EXPECT_EQ(last.at("recorder").at("dropped"), 0);
}

TEST_F(RecordingTest, OfALeaderOfTwoFollowersHasOneChannelForItAndFourForEach) {
  make();
  auto second_robot = std::make_unique<test::FakeFollower>(2, clock_);
  RobotNodeOptions options;
  options.name = "second";
  RobotNode second(bus_, std::move(second_robot), options, clock_);
  PairOptions pair;
  pair.pipeline.guard.limits = second.robot().info().limits;
  orchestrator_->add_pair(*leader_, second, pair);
  second.turn();
  record(std::make_unique<trajectory::mcap::MemorySink>(bytes_));
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick();
  const FileContents file = close();
  EXPECT_EQ(file.states.at("/leader/leader").size(), 1U);
  EXPECT_EQ(file.states.at("/follower/sent").size(), 1U);
  EXPECT_EQ(file.states.at("/second/sent").size(), 1U);
  orchestrator_.reset();  // before the node it refers to
}

TEST_F(RecordingTest, OfAFollowerThatNobodyLeadsHasWhatMovesIt) {
  make();
  RobotNodeOptions options;
  options.name = "alone";
  RobotNode alone(bus_, std::make_unique<test::FakeFollower>(2, clock_), options, clock_);
  PairOptions pair;
  pair.pipeline.guard.limits = alone.robot().info().limits;
  const std::size_t index = orchestrator_->add_follower(alone, pair);
  record(std::make_unique<trajectory::mcap::MemorySink>(bytes_));
  alone.turn();
  const auto epoch = orchestrator_->begin_motion(index, "somebody");
  ASSERT_TRUE(epoch);
  clock_.advance_ns(kTick);
  messages::RobotState step;
  step.joint_positions = {0.0, 0.1};
  step.stamp_ns = clock_.now_ns();
  step.trace_id = 77;
  ASSERT_TRUE(orchestrator_->submit_motion(index, *epoch, step));
  const FileContents file = close();
  EXPECT_FALSE(file.states.contains("/alone/leader"));
  EXPECT_EQ(row(file, "/alone/mapped", 77).joint_positions, (core::JointVector{0.0, 0.1}));
  EXPECT_EQ(row(file, "/alone/sent", 77).trace_id, 77U);
  EXPECT_EQ(file.states.at("/alone/read_back").size(), 1U);
  orchestrator_.reset();  // before the node it refers to
}

/// A disk that takes nothing after the first so many bytes.
class FullDisk final : public trajectory::mcap::Sink {
 public:
  void write(Parts parts) override {
    for (const auto part : parts) {
      written_ += part.size();
    }
    if (written_ > 8192) {
      throw SystemError("cannot write 'test.mcap'", ENOSPC);
    }
  }
  void sync() override {}

 private:
  std::size_t written_{0};
};

TEST_F(RecordingTest, AFullDiskIsAFaultOfTheRecordingAndOfNoRobot) {
  make();
  record(std::make_unique<FullDisk>());
  leader_robot_->set_positions({0.4, 0.2});
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  while (recording_->recorder().state().fault.empty()) {  // ctest ends a test for which that never is
    tick();
    recording_->poll();
  }
  const auto writes = follower_robot_->write_count();
  for (int i = 0; i < 100; ++i) {
    tick();
    recording_->poll();
  }
  EXPECT_EQ(follower_robot_->write_count(), writes + 100);
  EXPECT_EQ(orchestrator_->phase(0), Phase::kEngaged);
  EXPECT_FALSE(follower_->faulted() || leader_->faulted());
  EXPECT_NE(recording_->recorder().state().fault.find("No space left"), std::string::npos);
  EXPECT_GT(recording_->recorder().state().dropped, 0U);
  EXPECT_FALSE(recording_->recorder().begin_episode("pick"));
}

TEST_F(RecordingTest, MayEndBeforeTheTeleoperationDoes) {
  make_recorded();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick();
  recording_.reset();
  const FileContents file(bytes_);
  EXPECT_EQ(file.states.at("/follower/sent").size(), 1U);
  const auto writes = follower_robot_->write_count();
  tick();
  follower_->fail("it smokes");
  EXPECT_EQ(follower_robot_->write_count(), writes + 1) << "the arm goes on";
}

TEST_F(RecordingTest, CostsTheCommandsThreadNoAllocation) {
  make_recorded();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  follower_robot_->reserve(2000);
  messages::RobotState target;
  target.joint_positions = {0.0, 0.0};
  std::uint64_t allocations = 0;
  for (int i = 0; i < 1000; ++i) {
    clock_.advance_ns(kTick);
    target.stamp_ns = clock_.now_ns();
    target.hops.clear();
    {
      const testing::AllocationGuard guard;
      leader_->state_topic().publish(target);
      allocations += guard.count();
    }
    follower_->turn();
  }
  EXPECT_EQ(allocations, 0U);
}

/// Robots on threads of their own, an operator who marks episodes, and a recording that ends while they go on (run
/// under ThreadSanitizer).
TEST_F(RecordingTest, IsFedByAllThreadsOfATeleoperationAndMayEndMeanwhile) {
  lost_after_s_ = 1e6;
  make_recorded();
  std::atomic<bool> done{false};
  std::atomic<int> led{0};
  std::atomic<int> owned{0};
  const auto room = [&] { return recording_->recorder().state().waiting < 1000; };  // so that nothing is dropped
  std::jthread leading([&] {
    while (!done) {
      if (room()) {
        clock_.advance_ns(kMs);
        leader_->turn();
        ++led;
      }
      std::this_thread::yield();
    }
  });
  std::jthread owning([&] {
    while (!done) {
      if (room()) {
        follower_->turn();
        ++owned;
      }
      std::this_thread::yield();
    }
  });
  for (int i = 0; i < 20; ++i) {
    orchestrator_->set_mode(i % 2 == 0 ? ControlMode::kTeleop : ControlMode::kIdle);
    static_cast<void>(recording_->recorder().begin_episode("pick"));
    recording_->poll();
    const int led_before = led;
    const int owned_before = owned;
    while (led < led_before + 5 || owned < owned_before + 5) {  // ctest ends a test for which that never is
      std::this_thread::yield();
    }
    static_cast<void>(recording_->recorder().end_episode(true));
  }
  EXPECT_EQ(recording_->recorder().state().dropped, 0U);
  recording_->close();
  done = true;
  leading.join();
  owning.join();
  EXPECT_EQ(recording_->recorder().state().fault, "");
  const FileContents file(bytes_);
  EXPECT_EQ(file.texts("/takt/mode", "follower").size(), 20U);
  EXPECT_GE(file.states.at("/leader/leader").size(), 100U);
  EXPECT_GE(file.states.at("/follower/read_back").size(), 100U);
  EXPECT_EQ(file.events.at("/takt/episode").size(), 40U);
}

}  // namespace
}  // namespace takt::teleop::recording
