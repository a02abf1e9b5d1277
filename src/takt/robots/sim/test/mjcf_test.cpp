#include "takt/robots/sim/mjcf.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/robots/models/fr3.hpp"
#include "takt/robots/models/so101.hpp"
#include "takt/robots/sim/mujoco_world.hpp"

namespace takt::robots::sim {
namespace {

using models::fr3;
using models::so101;

std::string refusal_of(const control::ModelData& data, const SimOptions& options = {}) {
  try {
    const MujocoWorld world(data, options);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return {};
}

TEST(Mjcf, holds_every_number_to_its_last_digit) {
  const std::string text = make_mjcf(fr3());
  EXPECT_NE(text.find("mass=\"2.9274653454\""), std::string::npos);
  EXPECT_NE(text.find("4.128e-07 -0.0181251324 -0.038603597"), std::string::npos);
  EXPECT_NE(text.find("timestep=\"0.001\""), std::string::npos);
}

TEST(Mjcf, gives_a_torque_arm_motors_and_a_servo_arm_position_actuators) {
  EXPECT_NE(make_mjcf(fr3()).find("<motor name=\"fr3_joint1\""), std::string::npos);
  const std::string servo = make_mjcf(so101(), {.actuation = Actuation::kPosition, .servo = {}});
  EXPECT_NE(servo.find("gainprm=\"50 0 0\" biasprm=\"0 -50 -2.15\""), std::string::npos);
  EXPECT_NE(servo.find("forcerange=\"-2.94 2.94\""), std::string::npos);
}

TEST(Mjcf, escapes_names_that_are_not_xml) {
  control::ModelData data = so101();
  data.joints[0].name = "a<b>&\"c\"";
  EXPECT_NO_THROW(MujocoWorld{data});
}

TEST(Mjcf, an_unlimited_joint_has_no_stop) {
  control::ModelData data = so101();
  data.joints[0].limits = {};
  EXPECT_NE(make_mjcf(data).find("limited=\"false\""), std::string::npos);
  EXPECT_NO_THROW(MujocoWorld{data});
}

TEST(Mjcf, refuses_a_model_without_joints) {
  control::ModelData data;
  data.name = "nothing";
  EXPECT_NE(refusal_of(data).find("model 'nothing': joints: 0 joints, must be 1"), std::string::npos);
}

TEST(Mjcf, refuses_a_mass_that_is_not_positive_and_names_the_joint) {
  control::ModelData data = fr3();
  data.joints[2].link.mass_kg = 0.0;
  EXPECT_NE(refusal_of(data).find("model 'fr3': fr3_joint3: mass is 0 kg"), std::string::npos);
}

TEST(Mjcf, refuses_numbers_that_are_not_finite) {
  control::ModelData data = fr3();
  data.joints[1].X_PJ.translation().x() = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(refusal_of(data).find("fr3_joint2"), std::string::npos);
}

TEST(Mjcf, refuses_an_axis_that_is_not_a_unit_vector_and_limits_in_the_wrong_order) {
  control::ModelData data = fr3();
  data.joints[0].axis_J *= 2.0;
  EXPECT_NE(refusal_of(data).find("axis has length 2"), std::string::npos);
  data = fr3();
  data.joints[0].limits.position_min_rad = 3.0;
  EXPECT_NE(refusal_of(data).find("position limits are 3"), std::string::npos);
}

TEST(Mjcf, refuses_a_flange_on_a_link_that_is_not_there) {
  control::ModelData data = fr3();
  data.flange_link = 8;
  EXPECT_NE(refusal_of(data).find("flange_link"), std::string::npos);
}

TEST(Mjcf, passes_on_why_mujoco_refuses) {
  control::ModelData data = fr3();
  data.joints[1].name = data.joints[0].name;
  EXPECT_NE(refusal_of(data).find("MuJoCo refuses it: "), std::string::npos);
  data = fr3();
  data.joints[0].link.I_C_kg_m2(0, 0) = 10.0;  // no body has such moments: Ixx > Iyy + Izz
  EXPECT_NE(refusal_of(data).find("MuJoCo refuses it: "), std::string::npos);
}

}  // namespace
}  // namespace takt::robots::sim
