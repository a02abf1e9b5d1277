#include "takt/registry/arms.hpp"

#include <gtest/gtest.h>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/core/error.hpp"
#include "takt/robots/sim/sim_arm.hpp"

namespace takt::registry {
namespace {

std::unique_ptr<control::Arm> open(std::string uri, ArmOptions options = {}) {
  async::EventLoop loop;
  return loop.run(connect(std::move(uri), std::move(options)));
}

std::string refusal(const std::string& uri) {
  try {
    static_cast<void>(open(uri));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(Arms, TheSimulatedFr3IsAsStrictAsTheRealOne) {
  const auto arm = open("sim:fr3");
  EXPECT_EQ(arm->name(), "fr3");
  EXPECT_EQ(arm->model_data().dof(), 7U);
  EXPECT_EQ(arm->period_ns(), 1'000'000);
  const auto& options = dynamic_cast<const robots::sim::SimArm&>(*arm).options();
  EXPECT_TRUE(options.strict);
  EXPECT_EQ(options.missed_to_fault, 20U);
}

TEST(Arms, AHostThatStallsMayBeTolerated) {
  const auto arm = open("sim:fr3", {.tolerate_host_stalls = true});
  const auto& options = dynamic_cast<const robots::sim::SimArm&>(*arm).options();
  EXPECT_TRUE(options.strict);
  EXPECT_EQ(options.missed_to_fault, 200U);
  EXPECT_EQ(arm->bears_missed(), 200U) << "a cycle bears as much";
}

TEST(Arms, TheNameAndTheStartingPostureMayBeSaid) {
  const std::vector<double> start = {0.1, -0.5, 0.0, -2.0, 0.0, 1.5, 0.7};
  const auto arm = open("sim:fr3", {.label = "left", .start_rad = start});
  EXPECT_EQ(arm->name(), "left");
  EXPECT_EQ(dynamic_cast<const robots::sim::SimArm&>(*arm).options().start_rad, start);
}

TEST(Arms, AnArmOfServosIsRefusedWithAReason) {
  EXPECT_NE(refusal("sim:so101").find("servo"), std::string::npos) << refusal("sim:so101");
}

TEST(Arms, OtherUrisAreRefusedByName) {
  for (const char* uri : {"", "sim", "sim:", "sim:ur5", "fr3", "franka:192.168.0.1", "playback:a.csv"}) {
    EXPECT_NE(refusal(uri).find("fr3"), std::string::npos) << uri << ": " << refusal(uri);
  }
}

TEST(Arms, APostureOfTheWrongSizeIsRefused) {
  EXPECT_THROW(static_cast<void>(open("sim:fr3", {.start_rad = {1.0, 2.0}})), ConfigError);
}

TEST(Arms, TheAliasOfTheHouseIsTheSameFunction) {
  async::EventLoop loop;
  EXPECT_EQ(loop.run(takt::connect("sim:fr3"))->name(), "fr3");
}

}  // namespace
}  // namespace takt::registry
