#include "takt/teleop/session.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "takt/messages/json.hpp"
#include "takt/teleop/test/fake_robots.hpp"

namespace takt::teleop {
namespace {

using test::FakeFollower;
using test::FakeLeader;

/// Gives out fake robots and remembers them; they live with the session.
class FakeProvider final : public RobotProvider {
 public:
  std::unique_ptr<robots::Robot> open(const std::string& uri, const robots::RobotOptions& options) override {
    if (uri == "none") {
      throw ConfigError(uri, 0, "", "there is no such robot");
    }
    if (uri.starts_with("follower")) {
      auto robot = std::make_unique<FakeFollower>(joints, core::steady_clock());
      if (options.start_pose) {
        asked_pose = options.start_pose(robot->info());
      }
      followers.push_back(robot.get());
      return robot;
    }
    auto robot = std::make_unique<FakeLeader>(2, core::steady_clock());
    leaders.push_back(robot.get());
    return robot;
  }
  std::optional<messages::RobotState> recorded_start(const std::string& /*uri*/,
                                                     const robots::RobotOptions& /*options*/) override {
    return recorded;
  }

  std::size_t joints{2};
  std::vector<FakeFollower*> followers;
  std::vector<FakeLeader*> leaders;
  std::optional<messages::RobotState> recorded;
  std::vector<double> asked_pose;
};

TeleopConfig one_pair() {
  TeleopConfig config;
  PairConfig& pair = config.pairs.emplace_back();
  pair.leader = "leader";
  pair.follower = "follower";
  pair.smoothing_tau_s = 0.0;
  return config;
}

template <class Done>
void run_until(Session& session, Done done) {
  do {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    static_cast<void>(session.poll());
  } while (!session.finished() && !done());
}

TEST(SessionTest, RunsALeaderAndAFollowerAndReportsEveryFieldOfTheSchema) {
  FakeProvider robots;
  Session session(one_pair(), robots);
  session.start();
  run_until(session, [&] { return session.orchestrator().counters(0).published >= 5; });
  session.stop();
  const auto report = nlohmann::json::parse(messages::to_json(session.report()));
  EXPECT_EQ(report["schema"], "takt.teleop.report/1");
  EXPECT_EQ(report["leader"], "leader");
  EXPECT_EQ(report["fault"], "");
  EXPECT_GT(report["duration_s"].get<double>(), 0.0);
  const auto& commands = report["commands"];
  EXPECT_GE(commands["published"].get<int>(), 5);
  const auto count = [&commands](const char* field) { return commands[field].get<int>(); };
  const int on_its_way = count("stale");  // when it was stopped
  EXPECT_LE(count("published"), count("applied") + count("clamped") + on_its_way);
  for (const char* field : {"rejected", "stale", "aligning"}) {
    EXPECT_TRUE(commands[field].is_number_unsigned()) << field;
  }
  EXPECT_TRUE(report["guards"].contains("stale_leader_halt"));
  ASSERT_FALSE(report["hops"].empty());
  for (const char* field : {"name", "p50_us", "p99_us", "p999_us", "max_us", "count", "thread"}) {
    EXPECT_TRUE(report["hops"][0].contains(field)) << field;
  }
  EXPECT_EQ(report["end_to_end"]["count"].get<int>() + on_its_way, count("published") + count("aligning"));
  EXPECT_EQ(report["tracking"]["rms_rad"].size(), 2U);
  EXPECT_EQ(report["pairs"].size(), 1U);
}

TEST(SessionTest, HasNoThreadsButThoseOfItsRobots) {
  FakeProvider robots;
  Session session(one_pair(), robots);
  session.start();
  run_until(session, [&] { return session.orchestrator().counters(0).published >= 1; });
  const auto report = session.report();
  std::vector<std::string> ours;
  for (const auto& name : report.threads) {
    if (name.find('.') != std::string::npos) {
      ours.push_back(name);
    }
  }
  EXPECT_EQ(ours, (std::vector<std::string>{"pub.follower", "pub.leader"}));
}

TEST(SessionTest, StopBringsTheFollowerToRestBeforeItIsPutAway) {
  FakeProvider robots;
  Session session(one_pair(), robots);
  session.start();
  run_until(session, [&] { return robots.followers[0]->write_count() >= 3; });
  session.stop();
  EXPECT_GE(robots.followers[0]->halts(), 1);
  EXPECT_TRUE(robots.followers[0]->stopped());
}

TEST(SessionTest, AFollowerThatThrowsEndsItWithAFaultAndAReport) {
  FakeProvider robots;
  Session session(one_pair(), robots);
  session.start();
  run_until(session, [&] { return robots.followers[0]->write_count() >= 3; });
  robots.followers[0]->fail_writes(true);
  run_until(session, [] { return false; });
  session.stop();
  const auto report = session.report();
  EXPECT_EQ(report.fault, "follower: write failed: overheated");
  EXPECT_EQ(robots.followers[0]->safe_stop_reason(), "write failed: overheated");
  EXPECT_EQ(report.guards.at("write_failed"), 1U);
}

TEST(SessionTest, ALeaderThatCannotBeReadIsAFault) {
  FakeProvider robots;
  Session session(one_pair(), robots);
  session.start();
  robots.leaders[0]->fail(true);
  run_until(session, [] { return false; });
  EXPECT_NE(session.report().fault.find("the cable is out"), std::string::npos);
}

TEST(SessionTest, ALeaderThatHangsKeepsNoFollowerPoweredAndNoReportUnwritten) {
  FakeProvider robots;
  Session session(one_pair(), robots);
  session.start();
  run_until(session, [&] { return robots.followers[0]->write_count() >= 3; });
  robots.leaders[0]->freeze(true);
  while (!robots.leaders[0]->in_read()) {
    std::this_thread::yield();
  }
  session.rest();
  EXPECT_TRUE(robots.followers[0]->stopped());
  EXPECT_GE(session.report().commands.applied, 1U);
  session.stop();  // the fake comes out of its read when it is stopped, as a robot should
}

TEST(SessionTest, TwoPairsOfOneNameAreRefusedWithTheirPlace) {
  FakeProvider robots;
  const std::string pair = "[[pair]]\nleader = \"leader\"\nfollower = \"follower\"\n";
  auto config = parse_teleop_config(pair + "name = \"p1\"\n" + pair, "x.toml");
  try {
    Session session(config, robots);
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("x.toml:6: pair[1].leader: ")) << error.what();
  }
}

TEST(SessionTest, EndsAfterItsDuration) {
  FakeProvider robots;
  auto config = one_pair();
  config.duration_s = 0.05;
  Session session(config, robots);
  session.start();
  run_until(session, [] { return false; });
  EXPECT_TRUE(session.finished());
  EXPECT_TRUE(session.report().fault.empty());
}

TEST(SessionTest, RunsSeveralPairsInOneProcess) {
  FakeProvider robots;
  TeleopConfig config = one_pair();
  config.pairs.push_back(config.pairs[0]);
  config.pairs[1].name = "right";
  config.pairs[1].delivery = Delivery::kMailbox;
  Session session(config, robots);
  session.start();
  run_until(session,
            [&] { return robots.followers[0]->write_count() >= 3 && robots.followers[1]->write_count() >= 3; });
  session.stop();
  const auto report = session.report();
  ASSERT_EQ(report.pairs.size(), 2U);
  EXPECT_EQ(report.pairs[1].delivery, "mailbox");
  EXPECT_EQ(std::ranges::count(report.threads, "exec.right_foll"), 1);
}

TEST(SessionTest, StartsASimulatorWhereTheRecordedArmStoodMappedAndInsideItsLimits) {
  FakeProvider robots;
  robots.recorded.emplace();
  robots.recorded->joint_positions = {0.5, 9.0};
  auto config = one_pair();
  config.pairs[0].map.offset_rad = {0.25, 0.0};
  Session session(config, robots);
  EXPECT_EQ(robots.asked_pose, (std::vector<double>{0.75, 2.0}));
}

TEST(SessionTest, AnUnknownRobotIsToldWithItsPlaceInTheFile) {
  FakeProvider robots;
  auto config = parse_teleop_config("[[pair]]\nleader = \"leader\"\nfollower = \"none\"\n", "x.toml");
  try {
    Session session(config, robots);
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), "x.toml:3: pair[0].follower: none: there is no such robot");
  }
}

TEST(SessionTest, AMapThatNamesNoJointIsToldWithItsPlaceInTheFile) {
  FakeProvider robots;
  auto config = parse_teleop_config(
      "[[pair]]\nleader = \"leader\"\nfollower = \"follower\"\n[pair.map]\nreindex = [0, 7]\n", "x.toml");
  try {
    Session session(config, robots);
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("x.toml:4: pair[0].map.reindex[1]: ")) << error.what();
  }
}

TEST(SessionTest, ALeaderCannotBeAFollower) {
  FakeProvider robots;
  auto config = one_pair();
  config.pairs[0].follower = "leader";
  EXPECT_THROW(Session(config, robots), ConfigError);
}

TEST(SessionTest, WritesATraceOfEveryCommand) {
  const auto path =
      std::filesystem::temp_directory_path() / ("takt_session_trace_" + std::to_string(getpid()) + ".json");
  FakeProvider robots;
  auto config = one_pair();
  config.trace = path;
  std::uint64_t applied = 0;
  {
    Session session(config, robots);
    session.start();
    run_until(session, [&] { return session.orchestrator().counters(0).published >= 5; });
    session.stop();
    applied = session.report().end_to_end.count;
  }
  std::ifstream file(path);
  const auto events = nlohmann::json::parse(file);
  std::filesystem::remove(path);
  EXPECT_EQ(static_cast<std::uint64_t>(
                std::ranges::count_if(events, [](const auto& event) { return event["name"] == "applied"; })),
            applied);
}

}  // namespace
}  // namespace takt::teleop
