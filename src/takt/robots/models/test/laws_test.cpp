// Every law with its default settings, on the arms that takt carries: as a sampled loop with a period of delay, and in
// closed loop with a plant that is not what the law believes.

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <string>
#include <string_view>
#include <tuple>

#include <gtest/gtest.h>

#include "takt/control/laws/hybrid_impedance_law.hpp"
#include "takt/control/laws/settings.hpp"
#include "takt/control/laws/test/law_rig.hpp"
#include "takt/robots/models/models.hpp"

namespace takt::robots::models {
namespace {

using control::testing::frictionless;
using control::testing::LawRig;
using control::testing::linearised;
using control::testing::random_posture;
using control::testing::spectral_radius;
using core::JointVector;

constexpr double kPeriodS = 1e-3;

/// Every joint swings about home with 0.3 rad, each at its own pace, and rests in the end.
control::Setpoint swing(const control::ModelData& data, double time_s, double duration_s) {
  control::Setpoint setpoint;
  const double s = std::clamp(time_s / duration_s, 0.0, 1.0);
  // a window that opens and closes with zero velocity and acceleration: w = 64 s³(1 − s)³
  const double w = 64 * std::pow(s * (1 - s), 3);
  const double dw = 192 * std::pow(s * (1 - s), 2) * (1 - 2 * s) / duration_s;
  const double ddw = 384 * s * (1 - s) * (5 * s * s - 5 * s + 1) / (duration_s * duration_s);
  for (std::size_t i = 0; i < data.dof(); ++i) {
    const double rate = 2.0 + 0.4 * static_cast<double>(i);
    const double sine = 0.3 * std::sin(rate * time_s), cosine = 0.3 * std::cos(rate * time_s);
    setpoint.q_rad.resize(i + 1, data.home_rad[i] + w * sine);
    setpoint.dq_rad_s.resize(i + 1, dw * sine + w * rate * cosine);
    setpoint.ddq_rad_s2.resize(i + 1, ddw * sine + 2 * dw * rate * cosine - w * rate * rate * sine);
  }
  return setpoint;
}

struct Errors {
  double worst_rad{0.0};  ///< of any joint at any time
  double last_rad{0.0};   ///< after the motion, at rest
  double worst_m{0.0};    ///< of the tool's position
  double last_m{0.0};
};

Errors follow_swing(LawRig& rig) {
  Errors errors;
  for (int period = 0; period < 1200; ++period) {
    rig.setpoint = swing(rig.model.data(), period * kPeriodS, 1.0);
    rig.run(1);
    errors.last_rad = core::max_abs_difference(rig.setpoint.q_rad, rig.arm.state().q_rad);
    errors.worst_rad = std::max(errors.worst_rad, errors.last_rad);
    errors.last_m = (rig.model.tool_pose(rig.setpoint.q_rad).translation() - rig.tool().translation()).norm();
    errors.worst_m = std::max(errors.worst_m, errors.last_m);
  }
  return errors;
}

/// The law's own, for an arm that has all of its model's friction.
control::LawSettings settings_of(std::string_view law) {
  control::LawSettings settings = control::find_law(law).value();
  if (auto* tool = std::get_if<control::OperationalSpace>(&settings)) {
    tool->friction_share = 1.0;
  }
  return settings;
}

class LawsOnArmsTest : public ::testing::TestWithParam<std::tuple<std::string_view, std::string_view, double>> {
 protected:
  const control::ModelData believed = find_model(std::get<1>(GetParam())).value();
  const control::ModelData real = control::detuned(believed, std::get<2>(GetParam()));
  const control::LawSettings settings = settings_of(std::get<0>(GetParam()));
};

TEST_P(LawsOnArmsTest, FollowASwingAndComeToRestThoughTheModelIsWrong) {
  LawRig rig(settings, believed, real);
  const Errors errors = follow_swing(rig);
  EXPECT_LT(errors.worst_rad, 0.015);
  EXPECT_LT(errors.last_rad, 0.008);
  EXPECT_LT(errors.worst_m, 0.005);
  EXPECT_LT(errors.last_m, 0.002);
  EXPECT_EQ(rig.allocations, 0U);
  RecordProperty("worst_urad", static_cast<int>(errors.worst_rad * 1e6));
  RecordProperty("last_urad", static_cast<int>(errors.last_rad * 1e6));
  RecordProperty("worst_um", static_cast<int>(errors.worst_m * 1e6));
}

/// With neither friction nor the arm's own damping to help.
TEST_P(LawsOnArmsTest, AreStableAsASampledLoopInEveryPosture) {
  LawRig rig(settings, believed);
  const control::Model truth(real);
  std::mt19937 random(1);
  double worst = 0.0;
  for (int posture = 0; posture < 40; ++posture) {
    rig.place(random_posture(believed, random));
    worst = std::max(worst, spectral_radius(truth.mass_matrix(rig.measured.q_rad), linearised(rig)));
  }
  EXPECT_LT(worst, 0.999);
  RecordProperty("spectral_radius_ppm", static_cast<int>(worst * 1e6));
}

INSTANTIATE_TEST_SUITE_P(Arms, LawsOnArmsTest,
                         ::testing::Combine(::testing::Values("joint_impedance", "joint_pid", "operational_space",
                                                              "hybrid_impedance"),
                                            ::testing::Values("fr3", "so101"), ::testing::Values(0.9, 1.1)),
                         [](const auto& info) {
                           return std::string(std::get<0>(info.param)) + "_" + std::string(std::get<1>(info.param)) +
                                  (std::get<2>(info.param) < 1.0 ? "_light" : "_heavy");
                         });

/// An elbow that goes straight: shoulder and wrist of an FR3 are farthest apart at q_4 = −0.467 rad, and the
/// operational space law bounds masses from −0.93 rad on.
class StretchedElbowTest : public ::testing::TestWithParam<std::string_view> {
 protected:
  static constexpr double kStretched_rad = -0.467;
  LawRig rig{control::find_law(GetParam()).value(), find_model("fr3").value()};
};

TEST_P(StretchedElbowTest, IsPassedAndReturnedFromWithoutAJump) {
  const JointVector start{0.1, -0.3, 0.2, -1.2, 0.1, 1.6, 0.3};
  rig.place(start);
  rig.arm.push((control::Vector6() << 5.0, 3.0, -10.0, 0.0, 0.0, 0.0).finished());  // the law has something to hold
  rig.run(1000);
  JointVector before = rig.late_nm;
  double largest_nm = 0.0;
  double worst_m = 0.0;
  for (int period = 0; period < 4000; ++period) {
    const double phase = std::numbers::pi * period / 2000.0;  // there and back in 4 s, beyond by 0.3 rad
    rig.setpoint.q_rad[3] = start[3] + 0.5 * (kStretched_rad + 0.3 - start[3]) * (1.0 - std::cos(phase));
    const double rate = std::numbers::pi / 2.0;
    rig.setpoint.dq_rad_s[3] = 0.5 * (kStretched_rad + 0.3 - start[3]) * rate * std::sin(phase);
    rig.setpoint.ddq_rad_s2[3] = 0.5 * (kStretched_rad + 0.3 - start[3]) * rate * rate * std::cos(phase);
    const JointVector tau = rig.advance();
    largest_nm = period < 2 ? 0.0 : std::max(largest_nm, core::max_abs_difference(tau, before));
    before = tau;
    worst_m =
        std::max(worst_m, (rig.model.tool_pose(rig.setpoint.q_rad).translation() - rig.tool().translation()).norm());
  }
  EXPECT_LT(largest_nm, 0.1);
  EXPECT_LT(worst_m, 0.025);
}

/// The torque along a path of postures through the singularity, with the tool 2 cm off: how steep it is.
TEST_P(StretchedElbowTest, IsWhereTheTorqueStaysContinuousInThePosture) {
  double steepest_nm_rad = 0.0;
  constexpr double kStep_rad = 1e-4;
  JointVector before;
  for (double elbow = -1.3; elbow < -0.2; elbow += kStep_rad) {
    rig.measured.q_rad = {0.1, -0.3, 0.2, elbow, 0.1, 1.6, 0.3};
    rig.setpoint.q_rad = {0.11, -0.29, 0.19, elbow - 0.02, 0.12, 1.61, 0.33};
    rig.law->reset(rig.input());
    const JointVector tau = rig.step();
    steepest_nm_rad =
        before.empty() ? 0.0 : std::max(steepest_nm_rad, core::max_abs_difference(tau, before) / kStep_rad);
    before = tau;
  }
  EXPECT_LT(steepest_nm_rad, 200.0);  // a switch shows as its height times 1e4
}

INSTANTIATE_TEST_SUITE_P(Fr3, StretchedElbowTest,
                         ::testing::Values("joint_impedance", "joint_pid", "operational_space", "hybrid_impedance"),
                         [](const auto& info) { return std::string(info.param); });

TEST(HybridImpedanceOnFr3Test, IsSoftAboutABareLastJointAndNotWithAHandOnIt) {
  control::Model model(find_model("fr3").value());
  const auto about = [&] { return filled(control::HybridImpedance{}, model).stiffness->at(3); };
  EXPECT_NEAR(about(), 4.5, 0.1);
  control::LinkInertia hand{.mass_kg = 0.73, .p_LC_m = {0.0, 0.0, 0.03}};
  hand.I_C_kg_m2.diagonal() << 0.001, 0.0025, 0.0017;
  model.set_payload(hand);
  EXPECT_EQ(about(), 15.0);
}

}  // namespace
}  // namespace takt::robots::models
