// Every law after every law, and another tool and payload under each, over the simulated FR3: no torque jumps. Compared
// with a twin that is told the same but for the switch.

#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "takt/robots/sim/test/fr3_cycle.hpp"

namespace takt::robots::sim {
namespace {

using control::CommandKind;
using control::CycleState;
using control::Model;
using control::Outcome;
using core::JointVector;
using test::Fr3Cycle;
using test::LawCase;

constexpr double kSwitch_s = 0.1;
constexpr double kFadePerCycle = 3.0 * 1e-3 / kSwitch_s;
constexpr double kBound_nm = 0.01;  ///< on what a switch adds to the step that the torque makes in its cycle anyway

/// Its torque may step by more than the FR3's, whose limit would hide most of a jump.
control::ModelData quick_fr3() {
  control::ModelData data = models::fr3();
  for (control::JointData& joint : data.joints) {
    joint.limits.torque_rate_nm_s = 1e6;
  }
  return data;
}

/// Two cycles that were told the same: to follow a command of that kind with that law, for so long. Both believe in a
/// payload that is not there, so something pulls at the arm all the time.
struct Twins {
  Twins(const LawCase& law, CommandKind kind, int periods) {
    for (Fr3Cycle* cycle : {&switched, &twin}) {
      cycle->run(50);
      cycle->loop.use(make_law(law.settings, cycle->model));  // lets go, where it is such a law
      EXPECT_EQ(cycle->command(kind, 0.9), Outcome::kOk);
      cycle->run(periods);
      EXPECT_EQ(cycle->loop.state().following, kind);
    }
  }
  Fr3Cycle switched = pulled();
  Fr3Cycle twin = pulled();

  static Fr3Cycle pulled() {
    control::CycleOptions options;
    options.switch_time_s = kSwitch_s;
    return {control::JointImpedance{}, options, quick_fr3(), test::with_payload(Model(quick_fr3()), 0.5)};
  }
};

/// What the blend says: the torque beside that of the law in charge.
JointVector blended_nm(const CycleState& state) {
  JointVector rest = state.tau_nm;
  rest.eigen() -= state.tau_wanted_nm.eigen();
  return rest;
}

/// The switch comes with the next cycle.
void expect_no_jump(Twins& twins) {
  const JointVector before = twins.switched.loop.state().tau_nm;
  const std::uint64_t switches = twins.switched.loop.stats().switches;
  twins.switched.run(1);
  twins.twin.run(1);
  ASSERT_GT(twins.switched.loop.stats().switches, switches);
  const JointVector first = twins.switched.loop.state().tau_nm;
  const JointVector usual = twins.twin.loop.state().tau_nm;
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_LE(std::abs(first[i] - before[i]), std::abs(usual[i] - before[i]) + kBound_nm) << "joint " << i + 1;
  }
  JointVector last = blended_nm(twins.switched.loop.state());
  const double difference = core::max_abs_difference(last, JointVector::zero(last.size()));
  for (int k = 1; k < 50; ++k) {
    twins.switched.run(1);
    const JointVector now = blended_nm(twins.switched.loop.state());
    ASSERT_LE(core::max_abs_difference(now, last), kFadePerCycle * difference + 1e-9) << k << " cycles later";
    last = now;
  }
}

constexpr std::array kMoments{20, 100, 250, 500};  // of a motion

class SwitchingLaws : public ::testing::TestWithParam<std::tuple<LawCase, LawCase>> {};

TEST_P(SwitchingLaws, makes_no_jump_in_the_middle_of_a_motion) {
  const auto& [before, after] = GetParam();
  for (const int moment : kMoments) {
    SCOPED_TRACE(std::to_string(moment) + " ms");
    Twins twins(before, before.kind, moment);
    twins.switched.loop.use(make_law(after.other_gains, twins.switched.model));
    if (after.kind == CommandKind::kTorque) {
      EXPECT_EQ(twins.switched.command(after.kind, 0.9), Outcome::kOk);
    }
    expect_no_jump(twins);
  }
}

TEST_P(SwitchingLaws, makes_no_jump_while_nobody_commands) {
  const auto& [before, after] = GetParam();
  Twins twins(before, CommandKind::kNone, 250);
  twins.switched.loop.use(make_law(after.other_gains, twins.switched.model));
  expect_no_jump(twins);
}

class SwitchingModels : public ::testing::TestWithParam<LawCase> {};

TEST_P(SwitchingModels, makes_no_jump_with_another_tool) {
  for (const int moment : kMoments) {
    Twins twins(GetParam(), GetParam().kind, moment);
    twins.switched.loop.set_model(std::make_unique<Model>(test::with_tool(twins.switched.model, 0.1)));
    expect_no_jump(twins);
  }
}

TEST_P(SwitchingModels, makes_no_jump_with_another_payload) {
  for (const int moment : kMoments) {
    Twins twins(GetParam(), GetParam().kind, moment);
    twins.switched.loop.set_model(std::make_unique<Model>(test::with_payload(twins.switched.model, 1.0)));
    expect_no_jump(twins);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryPair, SwitchingLaws,
                         ::testing::Combine(::testing::ValuesIn(test::kEveryLaw), ::testing::ValuesIn(test::kEveryLaw)),
                         [](const auto& pair) {
                           return std::string(std::get<0>(pair.param).name) + "_then_" +
                                  std::string(std::get<1>(pair.param).name);
                         });
INSTANTIATE_TEST_SUITE_P(EveryLaw, SwitchingModels, ::testing::ValuesIn(test::kEveryLaw),
                         [](const auto& law) { return std::string(law.param.name); });

}  // namespace
}  // namespace takt::robots::sim
