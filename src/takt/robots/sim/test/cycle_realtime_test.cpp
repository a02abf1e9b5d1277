// Every law with every kind of command that it takes, all guards on, over the simulated FR3, from the start of the
// cycle through a switch to the stop because of a stale command: nothing of it allocates, locks or calls the system.

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "takt/core/sanitizers.hpp"
#include "takt/robots/sim/test/fr3_cycle.hpp"

namespace takt::robots::sim {
namespace {

using control::CommandKind;
using control::CycleMode;
using control::Fault;
using control::Outcome;
using test::LawCase;

std::vector<LawCase> every_law_and_kind() {
  std::vector<LawCase> all;
  for (const LawCase& law : test::kEveryLaw) {
    const bool takes_motions = law.kind == CommandKind::kJoint || law.kind == CommandKind::kPose;
    const auto kinds = takes_motions ? std::vector{CommandKind::kJoint, CommandKind::kPose, CommandKind::kChunk}
                                     : std::vector{law.kind};
    for (const CommandKind kind : kinds) {
      all.push_back(law);
      all.back().kind = kind;
    }
  }
  return all;
}

std::string name_of(const ::testing::TestParamInfo<LawCase>& info) {
  constexpr std::array kKinds{"nobody", "joints", "pose", "torques", "chunk"};
  return std::string(info.param.name) + "_led_by_" + kKinds.at(static_cast<std::size_t>(info.param.kind));
}

control::CycleOptions all_guards() {
  control::CycleOptions options;
  options.freshness = {.hold_after_s = 0.05, .halt_after_s = 0.2, .stop_after_s = 0.5};
  options.leash_rad = 0.1;
  options.workspace = control::Workspace{.lowest_m = {-1.0, -1.0, 0.0}, .highest_m = {1.0, 1.0, 1.5}};
  options.self_collision_margin_m = 0.01;
  options.evidence_cycles = 500;
  return options;
}

/// Another law, tool and payload in one cycle, and the law under test again.
void switch_over(test::Fr3Cycle& cycle, const LawCase& law) {
  const auto* other = std::ranges::find(test::kEveryLaw, law.name, &LawCase::name);
  other = std::next(other) == test::kEveryLaw.end() ? test::kEveryLaw.begin() : std::next(other);
  cycle.loop.use(control::make_law(other->settings, cycle.model));
  cycle.loop.set_model(std::make_unique<control::Model>(test::with_tool(test::with_payload(cycle.model, 0.3), 0.1)));
  cycle.run(10);
  cycle.loop.use(control::make_law(law.settings, cycle.model));
  cycle.run(10);
}

/// What it stopped at that is not so: nullptr for a story that went as told.
const char* tell(test::Fr3Cycle& cycle, const LawCase& law) {
  cycle.run(50);
  cycle.loop.use(control::make_law(law.settings, cycle.model));  // lets go, where it is such a law
  if (cycle.command(law.kind, 1.0) != Outcome::kOk) {
    return "the command is not taken";
  }
  cycle.run(200);
  if (cycle.loop.state().law.view() != law.name || cycle.loop.state().following != law.kind ||
      cycle.loop.mode() != CycleMode::kRunning) {
    return "the law does not follow the command";
  }
  switch_over(cycle, law);
  if (cycle.loop.stats().switches < 4 || cycle.command(law.kind, 0.1) != Outcome::kOk) {
    return "there was no switch";
  }
  cycle.run(100);
  if (cycle.loop.stats().guard_halts != 0 || cycle.loop.mode() != CycleMode::kRunning) {
    return "it does not go on";
  }
  if (law.kind == CommandKind::kNone) {
    cycle.loop.request_safe_stop();  // it follows nobody who could fall silent
  }
  cycle.run(3000);  // hold, halt, stop
  const Fault expected = law.kind == CommandKind::kNone ? Fault::kRequested : Fault::kStale;
  if (cycle.loop.fault().fault != expected || cycle.loop.mode() != CycleMode::kFaulted) {
    return "it does not end with the fault it should";
  }
  cycle.loop.request_stop();
  return cycle.run(1) ? "it does not end" : nullptr;
}

class CycleRealtime : public ::testing::TestWithParam<LawCase> {};

TEST_P(CycleRealtime, no_cycle_allocates_or_locks_from_start_to_fault) {
  test::Fr3Cycle cycle(GetParam().settings, all_guards(), models::fr3(), control::Model(models::fr3()));
  const char* wrong = tell(cycle, GetParam());
  EXPECT_EQ(wrong, nullptr) << wrong << "; " << to_text(cycle.loop.mode()) << ", " << describe(cycle.loop.fault());
  EXPECT_EQ(cycle.allocations, 0U);
  EXPECT_EQ(cycle.locks, 0U);
}

#if !TAKT_SANITIZED

/// In strict mode the kernel kills a process that makes any system call but read, write and exit.
TEST_P(CycleRealtime, no_cycle_makes_a_system_call) {
  test::Fr3Cycle cycle(GetParam().settings, all_guards(), models::fr3(), control::Model(models::fr3()));
  EXPECT_EXIT(
      {
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
        syscall(SYS_exit, tell(cycle, GetParam()) == nullptr ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

#endif

/// A guard that is met on the way, and where it is read that it was.
struct GuardCase {
  const char* name;
  void (*set)(control::CycleOptions& options);
  bool (*was_met)(const control::CycleLoop& loop);
};

class CycleGuards : public ::testing::TestWithParam<GuardCase> {};

TEST_P(CycleGuards, a_cycle_that_is_held_back_neither_allocates_nor_locks) {
  control::CycleOptions options = all_guards();
  GetParam().set(options);
  test::Fr3Cycle cycle(control::OperationalSpace{}, options, models::fr3(), control::Model(models::fr3()));
  cycle.run(50);
  EXPECT_EQ(cycle.loop.set(
                {.q_rad = {0.0, -0.8, 0.0, -2.9, 0.0, 1.0, 0.8}, .terms = {.valid_until_ns = control::kValidForever}}),
            Outcome::kOk);
  cycle.run(2000);
  EXPECT_TRUE(GetParam().was_met(cycle.loop));
  EXPECT_EQ(cycle.loop.fault().fault, Fault::kNone);
  EXPECT_EQ(cycle.allocations, 0U);
  EXPECT_EQ(cycle.locks, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    EveryGuard, CycleGuards,
    ::testing::Values(
        GuardCase{"leash", [](control::CycleOptions& options) { options.leash_rad = 0.002; },
                  [](const control::CycleLoop& loop) { return loop.stats().leashed_cycles > 0; }},
        GuardCase{
            "workspace", [](control::CycleOptions& options) { options.workspace->lowest_m[0] = 0.25; },
            [](const control::CycleLoop& loop) { return loop.state().halt_cause == control::HaltCause::kWorkspace; }},
        GuardCase{"self_collision", [](control::CycleOptions& options) { options.self_collision_margin_m = 0.2; },
                  [](const control::CycleLoop& loop) {
                    return loop.state().halt_cause == control::HaltCause::kSelfCollision;
                  }}),
    [](const auto& guard) { return std::string(guard.param.name); });

INSTANTIATE_TEST_SUITE_P(EveryLaw, CycleRealtime, ::testing::ValuesIn(every_law_and_kind()), name_of);

}  // namespace
}  // namespace takt::robots::sim
