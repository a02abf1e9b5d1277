#include "takt/robots/sim/mjcf.hpp"

#include <cmath>
#include <iterator>
#include <string_view>

#include <Eigen/Eigenvalues>
#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::robots::sim {
namespace {

using Out = std::back_insert_iterator<std::string>;

[[noreturn]] void refuse(const control::ModelData& data, const std::string& field, const std::string& what) {
  throw ConfigError("model '" + data.name + "'", 0, field, what);
}

void check_joint(const control::ModelData& data, const control::JointData& joint) {
  const control::LinkInertia& link = joint.link;
  const bool finite = joint.X_PJ.matrix().allFinite() && joint.axis_J.allFinite() && link.p_LC_m.allFinite() &&
                      link.I_C_kg_m2.allFinite() && std::isfinite(link.mass_kg) &&
                      std::isfinite(joint.damping_nm_s_rad) && std::isfinite(joint.friction_nm) &&
                      std::isfinite(joint.armature_kg_m2);
  if (!finite) {
    refuse(data, joint.name, "a number of its pose, axis, inertia, damping, friction or armature is not finite");
  }
  if (std::abs(joint.axis_J.norm() - 1.0) > 1e-9) {
    refuse(data, joint.name, fmt::format("axis has length {}, must be 1", joint.axis_J.norm()));
  }
  if (link.mass_kg <= 0.0) {
    refuse(data, joint.name, fmt::format("mass is {} kg, must be positive", link.mass_kg));
  }
  if (joint.damping_nm_s_rad < 0.0 || joint.friction_nm < 0.0 || joint.armature_kg_m2 < 0.0) {
    refuse(data, joint.name, "damping, friction and armature must not be negative");
  }
  if (!(joint.limits.position_min_rad < joint.limits.position_max_rad)) {
    refuse(data, joint.name,
           fmt::format("position limits are {} … {} rad, the first must be the smaller", joint.limits.position_min_rad,
                       joint.limits.position_max_rad));
  }
}

void check(const control::ModelData& data, const SimOptions& options) {
  if (data.joints.empty() || data.dof() > core::kMaxJoints) {
    refuse(data, "joints", fmt::format("{} joints, must be 1 … {}", data.dof(), core::kMaxJoints));
  }
  if (data.flange_link > data.dof()) {
    refuse(data, "flange_link", fmt::format("{} of {} links", data.flange_link, data.dof()));
  }
  if (!data.gravity_B_m_s2.allFinite() || !data.X_LF.matrix().allFinite()) {
    refuse(data, "gravity or flange", "a number is not finite");
  }
  if (!(options.timestep_s > 0.0)) {
    refuse(data, "timestep_s", fmt::format("{}, must be positive", options.timestep_s));
  }
  for (const control::JointData& joint : data.joints) {
    check_joint(data, joint);
  }
}

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

// fmt writes numbers alike under every locale; std::ostream and printf do not.
std::string text_of(const Eigen::Vector3d& v) {
  return fmt::format("{} {} {}", v.x(), v.y(), v.z());
}

std::string pose_attributes(const core::Pose& X) {
  const Eigen::Quaterniond q(X.linear());
  return fmt::format("pos=\"{}\" quat=\"{} {} {} {}\"", text_of(X.translation()), q.w(), q.x(), q.y(), q.z());
}

void write_joint(Out out, const control::JointData& joint) {
  const auto& limits = joint.limits;
  const bool limited = std::isfinite(limits.position_min_rad) && std::isfinite(limits.position_max_rad);
  fmt::format_to(out,
                 "<joint name=\"{}\" type=\"hinge\" axis=\"{}\" damping=\"{}\" frictionloss=\"{}\" "
                 "armature=\"{}\" ",
                 escaped(joint.name), text_of(joint.axis_J), joint.damping_nm_s_rad, joint.friction_nm,
                 joint.armature_kg_m2);
  if (limited) {
    fmt::format_to(out, "limited=\"true\" range=\"{} {}\"/>\n", limits.position_min_rad, limits.position_max_rad);
  } else {
    fmt::format_to(out, "limited=\"false\"/>\n");
  }
}

// As principal moments, which is how MuJoCo keeps them. From a full tensor it finds them only to about 1e-8 kg·m², and
// so far its mass matrix is then off; from these it agrees with control::Model to rounding.
void write_inertia(Out out, const control::LinkInertia& link) {
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> principal(link.I_C_kg_m2);
  Eigen::Matrix3d axes = principal.eigenvectors();
  axes.col(2) *= axes.determinant() < 0.0 ? -1.0 : 1.0;
  const Eigen::Quaterniond q(axes);
  fmt::format_to(out, "<inertial pos=\"{}\" quat=\"{} {} {} {}\" mass=\"{}\" diaginertia=\"{}\"/>\n",
                 text_of(link.p_LC_m), q.w(), q.x(), q.y(), q.z(), link.mass_kg, text_of(principal.eigenvalues()));
}

void write_chain(Out out, const control::ModelData& data) {
  const std::size_t flange_link = data.flange_link == 0 ? data.dof() : data.flange_link;
  for (std::size_t i = 0; i < data.dof(); ++i) {
    const control::JointData& joint = data.joints[i];
    fmt::format_to(out, "<body name=\"{}\" {}>\n", escaped(joint.name), pose_attributes(joint.X_PJ));
    write_inertia(out, joint.link);
    write_joint(out, joint);
    if (i + 1 == flange_link) {
      fmt::format_to(out, "<site name=\"flange\" {}/>\n", pose_attributes(data.X_LF));
    }
  }
  for (std::size_t i = 0; i < data.dof(); ++i) {
    fmt::format_to(out, "</body>\n");
  }
}

void write_actuators(Out out, const control::ModelData& data, const SimOptions& options) {
  for (const control::JointData& joint : data.joints) {
    const std::string name = escaped(joint.name);
    if (options.actuation == Actuation::kTorque) {
      fmt::format_to(out, "<motor name=\"{0}\" joint=\"{0}\" ctrllimited=\"false\" forcelimited=\"false\"/>\n", name);
      continue;
    }
    // <position> has no kv before MuJoCo 2.3; the general actuator says the same in every version.
    fmt::format_to(out,
                   "<general name=\"{0}\" joint=\"{0}\" gaintype=\"fixed\" biastype=\"affine\" gainprm=\"{1} 0 0\" "
                   "biasprm=\"0 {2} {3}\" ctrllimited=\"false\" ",
                   name, options.servo.kp_nm_rad, -options.servo.kp_nm_rad, -options.servo.kv_nm_s_rad);
    if (std::isfinite(joint.limits.torque_nm)) {
      fmt::format_to(out, "forcelimited=\"true\" forcerange=\"{} {}\"/>\n", -joint.limits.torque_nm,
                     joint.limits.torque_nm);
    } else {
      fmt::format_to(out, "forcelimited=\"false\"/>\n");
    }
  }
}

}  // namespace

std::string make_mjcf(const control::ModelData& data, const SimOptions& options) {
  check(data, options);
  std::string text;
  const Out out(text);
  fmt::format_to(out, "<mujoco model=\"{}\">\n", escaped(data.name));
  fmt::format_to(out, "<compiler angle=\"radian\" inertiafromgeom=\"false\"/>\n");
  // Euler is semi-implicit and takes joint damping implicitly, so the light wrist joints stay stable at 1 ms.
  fmt::format_to(out,
                 "<option timestep=\"{}\" gravity=\"{}\" integrator=\"Euler\"><flag contact=\"disable\"/></option>\n",
                 options.timestep_s, text_of(data.gravity_B_m_s2));
  fmt::format_to(out, "<worldbody>\n");
  write_chain(out, data);
  fmt::format_to(out, "</worldbody>\n<actuator>\n");
  write_actuators(out, data, options);
  fmt::format_to(out, "</actuator>\n</mujoco>\n");
  return text;
}

}  // namespace takt::robots::sim
