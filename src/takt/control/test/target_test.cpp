#include "takt/control/target.hpp"

#include <cstring>
#include <limits>
#include <memory>
#include <random>

#include <gtest/gtest.h>

namespace takt::control {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
const core::JointVector kLowest{-1.0, -2.0};
const core::JointVector kHighest{1.0, 2.0};

bool good(const Command& command) {
  return is_well_formed(command, kLowest, kHighest);
}

Command chunk_of(std::initializer_list<Action> actions) {
  Command command;
  command.kind = CommandKind::kChunk;
  for (const Action& action : actions) {
    command.actions[command.count++] = action;
  }
  return command;
}

TEST(TargetTest, JointsMustBeAsManyFiniteAndInRange) {
  EXPECT_TRUE(good(to_command(JointTarget{.q_rad = {0.5, -1.5}})));
  EXPECT_TRUE(good(to_command(JointTarget{.q_rad = {0.5, -1.5}, .dq_rad_s = {0.1, 0.2}})));
  EXPECT_FALSE(good(to_command(JointTarget{.q_rad = {0.5}})));
  EXPECT_FALSE(good(to_command(JointTarget{.q_rad = {kNan, 0.0}})));
  EXPECT_FALSE(good(to_command(JointTarget{.q_rad = {1.01, 0.0}})));
  EXPECT_FALSE(good(to_command(JointTarget{.q_rad = {0.0, 0.0}, .dq_rad_s = {0.1}})));
  EXPECT_FALSE(good(to_command(JointTarget{.q_rad = {0.0, 0.0}, .dq_rad_s = {0.1, kInfinity}})));
}

TEST(TargetTest, ARotationMustBeOneWithinAThousandth) {
  EXPECT_TRUE(good(to_command(PoseTarget{.X_BE = {0, 0, 0, 0, 0, 0, 1.0009}})));
  EXPECT_FALSE(good(to_command(PoseTarget{.X_BE = {0, 0, 0, 0, 0, 0, 1.0011}})));
  EXPECT_FALSE(good(to_command(PoseTarget{.X_BE = {0, 0, 0, 0, 0, 0, 0}})));
  EXPECT_FALSE(good(to_command(PoseTarget{.X_BE = {0, kNan, 0, 0, 0, 0, 1}})));
  EXPECT_FALSE(good(to_command(PoseTarget{.V_BE = {0, 0, kInfinity, 0, 0, 0}})));
  EXPECT_FALSE(good(to_command(PoseTarget{.posture_rad = {0.0}})));
}

TEST(TargetTest, TorquesMustBeAsManyAndFinite) {
  EXPECT_TRUE(good(to_command(TorqueTarget{.tau_nm = {1e6, -1e6}}))) << "the cycle saturates";
  EXPECT_FALSE(good(to_command(TorqueTarget{.tau_nm = {1.0}})));
  EXPECT_TRUE(good(to_command(TorqueTarget{.tau_nm = {1.0, 1.0}, .terms = {.valid_until_ns = kLongestTorque_ns}})));
  EXPECT_FALSE(
      good(to_command(TorqueTarget{.tau_nm = {1.0, 1.0}, .terms = {.valid_until_ns = kLongestTorque_ns + 1}})));
  EXPECT_FALSE(good(to_command(TorqueTarget{.tau_nm = {1.0, kNan}})));
}

TEST(TargetTest, AChunkHasActionsByRisingTime) {
  EXPECT_TRUE(good(chunk_of({{.due_ns = 1, .q_rad = {0, 0}}, {.due_ns = 2, .q_rad = {0, 0}}})));
  EXPECT_FALSE(good(chunk_of({})));
  EXPECT_FALSE(good(chunk_of({{.due_ns = 2, .q_rad = {0, 0}}, {.due_ns = 2, .q_rad = {0, 0}}})));
  EXPECT_FALSE(good(chunk_of({{.due_ns = -1, .q_rad = {0, 0}}})));
  EXPECT_FALSE(good(chunk_of({{.due_ns = 1, .q_rad = {0, 3.0}}})));
  Command endless = chunk_of({{.due_ns = 1, .q_rad = {0, 0}}});
  endless.count = kMaxActions + 1;
  EXPECT_FALSE(good(endless));
}

TEST(TargetTest, TermsMustBePossible) {
  const auto with = [](TargetTerms terms) { return good(to_command(JointTarget{.q_rad = {0, 0}, .terms = terms})); };
  EXPECT_TRUE(with({.valid_until_ns = kValidForever, .speed = 0.01}));
  EXPECT_FALSE(with({.stamp_ns = -1}));
  EXPECT_FALSE(with({.valid_until_ns = -1}));
  EXPECT_FALSE(with({.speed = 0.0}));
  EXPECT_FALSE(with({.speed = 1.1}));
  EXPECT_FALSE(with({.speed = kNan}));
  EXPECT_FALSE(good({}));
}

TEST(TargetTest, JointsAreDueAtMostASecondAfterTheirStamp) {
  const auto due = [](core::Nanoseconds stamp_ns, core::Nanoseconds due_ns) {
    return to_command(JointTarget{.q_rad = kLowest, .due_ns = due_ns, .terms = {.stamp_ns = stamp_ns}});
  };
  EXPECT_TRUE(good(due(5, 0)));
  EXPECT_TRUE(good(due(5, 5 + kLongestLead_ns)));
  EXPECT_FALSE(good(due(5, 6 + kLongestLead_ns)));
  EXPECT_FALSE(good(due(5, -1)));
}

TEST(TargetTest, AnyBytesAreLookedAtWithoutHarm) {
  std::mt19937_64 random(7);
  const auto command = std::make_unique<Command>();
  int passed = 0;
  for (int i = 0; i < 2000; ++i) {
    auto* bytes = reinterpret_cast<unsigned char*>(command.get());
    for (std::size_t at = 0; at < sizeof(Command); at += 8) {
      const std::uint64_t word = random();
      std::memcpy(bytes + at, &word, std::min<std::size_t>(8, sizeof(Command) - at));
    }
    bytes[0] = static_cast<unsigned char>(i % 7);
    passed += good(*command) ? 1 : 0;
    EXPECT_LE(command->used_bytes(), sizeof(Command));
  }
  EXPECT_EQ(passed, 0);
}

}  // namespace
}  // namespace takt::control
