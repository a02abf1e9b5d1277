#include "takt/control/laws/settings.hpp"

#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "takt/control/laws/test/law_rig.hpp"
#include "takt/control/model/test/test_arms.hpp"
#include "takt/core/error.hpp"

namespace takt::control {
namespace {

using core::JointVector;
using testing::random_arm;

static_assert(std::is_trivially_copyable_v<LawSettings>);

std::string complaint(LawSettings settings, std::string_view field, const std::vector<double>& values) {
  try {
    set_field(settings, field, values);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "none";
}

TEST(LawSettingsTest, EveryNameFindsDefaultsThatMakeALawOfThatName) {
  const Model model(random_arm(71, 7));
  ASSERT_EQ(law_names().size(), std::variant_size_v<LawSettings>);
  for (const std::string_view name : law_names()) {
    const auto settings = find_law(name);
    ASSERT_TRUE(settings) << name;
    EXPECT_EQ(law_name(*settings), name);
    EXPECT_EQ(make_law(*settings, model)->name(), name);
  }
  EXPECT_EQ(find_law("levitation"), std::nullopt);
  EXPECT_TRUE(std::holds_alternative<HybridImpedance>(*find_law("hybrid_impedance")));
}

TEST(LawSettingsTest, FillingLeavesNothingOpenAndChangesNothingTwice) {
  const Model model(random_arm(71, 7));
  for (const std::string_view name : law_names()) {
    const LawSettings once = filled(*find_law(name), model);
    EXPECT_EQ(law_name(once), name);
    EXPECT_EQ(filled(once, model), once) << name;
  }
  const LawSettings full = filled(JointPid{}, model);
  EXPECT_EQ(std::get<JointPid>(full).integral_nm_rad_s.size(), 7U);
  EXPECT_NE(full, LawSettings(JointPid{}));
}

TEST(LawSettingsTest, FieldsAreSetByName) {
  LawSettings settings = HybridImpedance{};
  set_field(settings, "stiffness", std::vector<double>{1, 2, 3, 4, 5, 6});
  set_field(settings, "joint_stiffness_nm_rad", std::vector<double>{7, 8});
  set_field(settings, "max_force_n", std::vector<double>{9});
  const HybridImpedance expected{
      .stiffness = ToolAxes{1, 2, 3, 4, 5, 6}, .joint_stiffness_nm_rad = {7, 8}, .max_force_n = 9};
  EXPECT_EQ(settings, LawSettings(expected));
}

TEST(LawSettingsTest, WhatDoesNotFitAFieldIsRefusedByName) {
  EXPECT_EQ(complaint(JointTorque{}, "stiffness", {1}),
            "joint_torque: stiffness: unknown field; there are damping_nm_s_rad");
  EXPECT_EQ(complaint(OperationalSpace{}, "damping_ratio", {1, 2}),
            "operational_space: damping_ratio: takes one number, not 2 values");
  EXPECT_EQ(complaint(OperationalSpace{}, "stiffness_1_s2", {1, 2}),
            "operational_space: stiffness_1_s2: takes six numbers: x, y, z, and about x, y, z, not 2 values");
  EXPECT_EQ(complaint(JointPid{}, "max_integral_nm", std::vector<double>(17, 1.0)),
            "joint_pid: max_integral_nm: takes one number per joint, not 17 values");
}

TEST(LawSettingsTest, NoLawAllocatesOrStumblesAtTheMostJoints) {
  for (const std::string_view name : law_names()) {
    testing::LawRig rig(*find_law(name), random_arm(72, core::kMaxJoints));
    rig.setpoint.q_rad[3] += 0.01;
    const takt::testing::AllocationGuard guard;
    rig.law->reset(rig.input());
    EXPECT_EQ(guard.count(), 0U) << name;
    rig.run(20);
    EXPECT_EQ(rig.allocations, 0U) << name;
    EXPECT_TRUE(rig.late_nm.size() == core::kMaxJoints && rig.late_nm.all_finite()) << name;
  }
}

}  // namespace
}  // namespace takt::control
