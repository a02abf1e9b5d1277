#include "takt/controller/internal/wire.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <utility>

#include <Eigen/Core>
#include <boost/mp11/algorithm.hpp>

namespace takt::controller::internal {
namespace {

/// Stands for a value of any type in the test below.
struct Anything {
  template <class T>
  operator T() const {  // NOLINT(google-explicit-constructor)
    std::abort();
  }
};

template <class T, std::size_t... I>
consteval bool has_members(std::index_sequence<I...> /*count*/) {
  return requires { T{((void)I, Anything{})...}; };
}

/// An aggregate of which every member is described: it can be made of as many values as it has descriptions, not of
/// one more.
template <class T>
consteval bool is_described_fully() {
  constexpr std::size_t kCount = boost::mp11::mp_size<messages::CdrMembers<T>>::value;
  return has_members<T>(std::make_index_sequence<kCount>()) && !has_members<T>(std::make_index_sequence<kCount + 1>());
}
static_assert(is_described_fully<control::FaultReport>());
static_assert(is_described_fully<control::JointLimits>());
static_assert(is_described_fully<control::Workspace>());
static_assert(is_described_fully<TargetBounds>());
static_assert(is_described_fully<control::JointImpedance>());
static_assert(is_described_fully<control::JointPid>());
static_assert(is_described_fully<control::OperationalSpace>());
static_assert(is_described_fully<control::HybridImpedance>());
static_assert(is_described_fully<control::JointTorque>());
static_assert(is_described_fully<control::GravityCompensation>());

// These are carried over by hand below.
static_assert(has_members<control::JointData>(std::make_index_sequence<8>()) &&
              !has_members<control::JointData>(std::make_index_sequence<9>()));
static_assert(has_members<control::ModelData>(std::make_index_sequence<8>()) &&
              !has_members<control::ModelData>(std::make_index_sequence<9>()));

std::array<double, 3> numbers_of(const Eigen::Vector3d& vector) noexcept {
  return {vector.x(), vector.y(), vector.z()};
}
Eigen::Vector3d vector_of(const std::array<double, 3>& vector) noexcept {
  return {vector[0], vector[1], vector[2]};
}

WireJoint wire_joint(const control::JointData& joint) {
  return {.name = joint.name,
          .X_PJ = to_wire(joint.X_PJ),
          .axis_J = numbers_of(joint.axis_J),
          .limits = joint.limits,
          .link = to_wire(joint.link),
          .damping_nm_s_rad = joint.damping_nm_s_rad,
          .friction_nm = joint.friction_nm,
          .armature_kg_m2 = joint.armature_kg_m2};
}

control::JointData joint_of(const WireJoint& joint) {
  return {.name = joint.name,
          .X_PJ = from_wire(joint.X_PJ),
          .axis_J = vector_of(joint.axis_J),
          .limits = joint.limits,
          .link = from_wire(joint.link),
          .damping_nm_s_rad = joint.damping_nm_s_rad,
          .friction_nm = joint.friction_nm,
          .armature_kg_m2 = joint.armature_kg_m2};
}

}  // namespace

WirePose to_wire(const core::Pose& X) noexcept {
  WirePose numbers;
  const Eigen::Matrix3d rotation = X.linear();
  const Eigen::Vector3d translation = X.translation();
  std::copy_n(rotation.data(), 9, numbers.begin());
  std::copy_n(translation.data(), 3, numbers.begin() + 9);
  return numbers;
}

core::Pose from_wire(const WirePose& X) noexcept {
  core::Pose pose = core::Pose::Identity();
  pose.linear() = Eigen::Map<const Eigen::Matrix3d>(X.data());
  pose.translation() = Eigen::Map<const Eigen::Vector3d>(X.data() + 9);
  return pose;
}

WireInertia to_wire(const control::LinkInertia& inertia) noexcept {
  WireInertia wire{.mass_kg = inertia.mass_kg, .p_LC_m = numbers_of(inertia.p_LC_m), .I_C_kg_m2 = {}};
  std::copy_n(inertia.I_C_kg_m2.data(), wire.I_C_kg_m2.size(), wire.I_C_kg_m2.begin());
  return wire;
}

control::LinkInertia from_wire(const WireInertia& inertia) noexcept {
  return {.mass_kg = inertia.mass_kg,
          .p_LC_m = vector_of(inertia.p_LC_m),
          .I_C_kg_m2 = Eigen::Map<const Eigen::Matrix3d>(inertia.I_C_kg_m2.data())};
}

WireModel to_wire(const control::Model& model) {
  const control::ModelData& data = model.data();
  WireModel wire{.name = data.name,
                 .joints = {},
                 .X_LF = to_wire(data.X_LF),
                 .flange_link = static_cast<std::uint32_t>(data.flange_link),
                 .gravity_B_m_s2 = numbers_of(data.gravity_B_m_s2),
                 .home_rad = data.home_rad,
                 .capsules = {},
                 .harmless_pairs = {},
                 .X_FE = to_wire(model.tool()),
                 .payload_F = std::nullopt};
  for (const control::JointData& joint : data.joints) {
    wire.joints.push_back(wire_joint(joint));
  }
  for (const control::Capsule& capsule : data.capsules) {
    wire.capsules.push_back({.link = static_cast<std::uint32_t>(capsule.link),
                             .p_LP_m = numbers_of(capsule.p_LP_m),
                             .p_LQ_m = numbers_of(capsule.p_LQ_m),
                             .radius_m = capsule.radius_m});
  }
  for (const control::LinkPair& pair : data.harmless_pairs) {
    wire.harmless_pairs.push_back({static_cast<std::uint32_t>(pair.a), static_cast<std::uint32_t>(pair.b)});
  }
  if (model.payload()) {
    wire.payload_F = to_wire(*model.payload());
  }
  return wire;
}

control::Model from_wire(const WireModel& model) {
  control::ModelData data{.name = model.name,
                          .joints = {},
                          .X_LF = from_wire(model.X_LF),
                          .flange_link = model.flange_link,
                          .gravity_B_m_s2 = vector_of(model.gravity_B_m_s2),
                          .home_rad = model.home_rad,
                          .capsules = {},
                          .harmless_pairs = {}};
  for (const WireJoint& joint : model.joints) {
    data.joints.push_back(joint_of(joint));
  }
  for (const WireCapsule& capsule : model.capsules) {
    data.capsules.push_back({.link = capsule.link,
                             .p_LP_m = vector_of(capsule.p_LP_m),
                             .p_LQ_m = vector_of(capsule.p_LQ_m),
                             .radius_m = capsule.radius_m});
  }
  for (const auto& pair : model.harmless_pairs) {
    data.harmless_pairs.push_back({.a = pair[0], .b = pair[1]});
  }
  control::Model made(std::move(data));
  made.set_tool(from_wire(model.X_FE));
  if (model.payload_F) {
    made.set_payload(from_wire(*model.payload_F));
  }
  return made;
}

}  // namespace takt::controller::internal
