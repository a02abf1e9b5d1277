#include "takt/control/model/model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "takt/core/error.hpp"

namespace takt::control {
namespace {

using core::JointVector;
using core::kMaxJoints;
using Eigen::Matrix3d;
using Eigen::Vector3d;

/// Rotational inertia of a point mass m at r about the origin: the parallel-axis term.
Matrix3d point_inertia(double mass_kg, const Vector3d& r_m) {
  return mass_kg * (r_m.squaredNorm() * Matrix3d::Identity() - r_m * r_m.transpose());
}

/// Two rigid bodies welded together, both given in one frame.
LinkInertia welded(const LinkInertia& a, const LinkInertia& b) {
  LinkInertia sum;
  sum.mass_kg = a.mass_kg + b.mass_kg;
  sum.p_LC_m = (a.mass_kg * a.p_LC_m + b.mass_kg * b.p_LC_m) / sum.mass_kg;
  sum.I_C_kg_m2 = a.I_C_kg_m2 + point_inertia(a.mass_kg, a.p_LC_m - sum.p_LC_m) + b.I_C_kg_m2 +
                  point_inertia(b.mass_kg, b.p_LC_m - sum.p_LC_m);
  return sum;
}

/// Inertia of all links from one joint to the tip, about the base origin, axes of B.
struct Composite {
  double mass_kg{0.0};
  Vector3d moment_kg_m{Vector3d::Zero()};
  Matrix3d I_O_kg_m2{Matrix3d::Zero()};

  void add(const LinkInertia& link, const Matrix3d& R_BL, const Vector3d& p_BL_m) noexcept {
    const Vector3d c = p_BL_m + R_BL * link.p_LC_m;
    mass_kg += link.mass_kg;
    moment_kg_m += link.mass_kg * c;
    I_O_kg_m2 += R_BL * link.I_C_kg_m2 * R_BL.transpose() + point_inertia(link.mass_kg, c);
  }
};

}  // namespace

Model::Model(ModelData data) : data_(std::move(data)) {
  require_physical(data_);
  X_LE_ = data_.X_LF;
  for (const JointData& joint : data_.joints) {
    const Matrix3d R_PJ = joint.X_PJ.linear();
    const Matrix3d K = core::skew(joint.axis_J);
    joints_.push_back({.p_PJ_m = joint.X_PJ.translation(),
                       .axis_P = R_PJ * joint.axis_J,
                       .R_constant = R_PJ * (Matrix3d::Identity() + K * K),
                       .R_sine = R_PJ * K,
                       .R_cosine = -R_PJ * K * K,
                       .armature_kg_m2 = joint.armature_kg_m2});
    links_.push_back(joint.link);
  }
  reach_m_ = chain_length_m();
}

void Model::set_payload(const LinkInertia& payload_F) {
  require_physical(payload_F, data_.name + ", payload");
  require_bearable(payload_F);
  payload_F_ = payload_F;
  const Matrix3d R_LF = data_.X_LF.linear();
  LinkInertia payload_L;
  payload_L.mass_kg = payload_F.mass_kg;
  payload_L.p_LC_m = data_.X_LF * payload_F.p_LC_m;
  payload_L.I_C_kg_m2 = R_LF * payload_F.I_C_kg_m2 * R_LF.transpose();
  links_[flange_index()] = welded(data_.joints[flange_index()].link, payload_L);
}

void Model::require_bearable(const LinkInertia& payload_F) const {
  double strongest_nm = 0.0;
  for (const JointData& joint : data_.joints) {
    strongest_nm = std::max(strongest_nm, joint.limits.torque_nm);
  }
  const double arm_m = reach_m_ + payload_F.p_LC_m.norm();
  const double moment_nm = payload_F.mass_kg * data_.gravity_B_m_s2.norm() * arm_m;
  if (!(moment_nm <= strongest_nm)) {
    throw LogicError(
        fmt::format("{}: a payload of {:.4g} kg needs up to {:.4g} N·m at {:.3g} m, and the strongest joint has {:.4g}",
                    data_.name, payload_F.mass_kg, moment_nm, arm_m, strongest_nm));
  }
}

void Model::clear_payload() {
  payload_F_.reset();
  links_[flange_index()] = data_.joints[flange_index()].link;
}

std::size_t Model::flange_index() const noexcept {
  return (data_.flange_link == 0 ? dof() : data_.flange_link) - 1;
}

LinkFrames Model::link_frames(const JointVector& q_rad) const noexcept {
  LinkFrames frames;
  Matrix3d R_BP = Matrix3d::Identity();
  Vector3d p_BP = Vector3d::Zero();
  for (std::size_t i = 0; i < dof(); ++i) {
    const Joint& joint = joints_[i];
    p_BP += R_BP * joint.p_PJ_m;
    frames.p_BL_m[i] = p_BP;
    frames.axis_B[i].noalias() = R_BP * joint.axis_P;
    const Matrix3d R_PL = joint.R_constant + joint.R_sine * std::sin(q_rad[i]) + joint.R_cosine * std::cos(q_rad[i]);
    frames.R_BL[i].noalias() = R_BP * R_PL;
    R_BP = frames.R_BL[i];
  }
  return frames;
}

// Featherstone's composite rigid bodies, table 6.2, in base coordinates: there composites add up without transforms.
// Joint i moving alone at 1 rad/s gives the composite behind it the linear momentum p and, about the base origin, the
// angular momentum L; their power on the motion of joint j ≤ i is M_ij.
JointMatrix Model::mass_matrix(const JointVector& q_rad) const noexcept {
  const LinkFrames frames = link_frames(q_rad);
  const auto n = static_cast<Eigen::Index>(dof());
  JointMatrix M(n, n);
  Composite composite;
  for (std::size_t i = dof(); i-- > 0;) {
    composite.add(links_[i], frames.R_BL[i], frames.p_BL_m[i]);
    const Vector3d& axis = frames.axis_B[i];
    const Vector3d v_O = frames.p_BL_m[i].cross(axis);
    const Vector3d p = composite.mass_kg * v_O + axis.cross(composite.moment_kg_m);
    const Vector3d L = composite.I_O_kg_m2 * axis + composite.moment_kg_m.cross(v_O);
    for (std::size_t j = 0; j <= i; ++j) {
      const double entry = frames.axis_B[j].dot(L) + frames.p_BL_m[j].cross(frames.axis_B[j]).dot(p);
      M(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = entry;
      M(static_cast<Eigen::Index>(j), static_cast<Eigen::Index>(i)) = entry;
    }
    M(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(i)) += joints_[i].armature_kg_m2;
  }
  return M;
}

// The weight of all links behind a joint acts at their common centre of mass.
JointVector Model::gravity_nm(const JointVector& q_rad) const noexcept {
  const LinkFrames frames = link_frames(q_rad);
  JointVector tau = JointVector::zero(dof());
  double mass = 0.0;
  Vector3d moment = Vector3d::Zero();
  for (std::size_t i = dof(); i-- > 0;) {
    mass += links_[i].mass_kg;
    moment += links_[i].mass_kg * (frames.p_BL_m[i] + frames.R_BL[i] * links_[i].p_LC_m);
    tau[i] = -frames.axis_B[i].dot((moment - mass * frames.p_BL_m[i]).cross(data_.gravity_B_m_s2));
  }
  return tau;
}

JointVector Model::coriolis_nm(const JointVector& q_rad, const JointVector& dq_rad_s) const noexcept {
  return newton_euler(link_frames(q_rad), dq_rad_s, JointVector::zero(dof()), Vector3d::Zero());
}

JointVector Model::inverse_dynamics_nm(const JointVector& q_rad, const JointVector& dq_rad_s,
                                       const JointVector& ddq_rad_s2) const noexcept {
  return newton_euler(link_frames(q_rad), dq_rad_s, ddq_rad_s2, -data_.gravity_B_m_s2);
}

JointVector Model::tracking_nm(const JointVector& q_rad, const JointVector& dq_rad_s, const JointVector& dq_d_rad_s,
                               const JointVector& ddq_d_rad_s2) const noexcept {
  const LinkFrames frames = link_frames(q_rad);
  JointVector half_sum = JointVector::zero(dof());
  JointVector half_difference = JointVector::zero(dof());
  for (std::size_t i = 0; i < dof(); ++i) {
    half_sum[i] = 0.5 * (dq_rad_s[i] + dq_d_rad_s[i]);
    half_difference[i] = 0.5 * (dq_rad_s[i] - dq_d_rad_s[i]);
  }
  JointVector tau = newton_euler(frames, half_sum, ddq_d_rad_s2, Vector3d::Zero());
  const JointVector rest = newton_euler(frames, half_difference, JointVector::zero(dof()), Vector3d::Zero());
  for (std::size_t i = 0; i < dof(); ++i) {
    tau[i] -= rest[i];
  }
  return tau;
}

// Craig (6.45) … (6.53), every vector in B. A base that accelerates by −g stands for gravity. Out to the tip: how each
// link moves, hence the force F at, and the moment N about, its centre of mass. Back to the base: f and n, which joint
// i must exert.
JointVector Model::newton_euler(const LinkFrames& frames, const JointVector& dq_rad_s, const JointVector& ddq_rad_s2,
                                const Vector3d& base_acceleration_m_s2) const noexcept {
  std::array<Vector3d, kMaxJoints> F;
  std::array<Vector3d, kMaxJoints> n_L;  // moment of F and N about the link frame's origin
  Vector3d omega = Vector3d::Zero();
  Vector3d alpha = Vector3d::Zero();
  Vector3d a = base_acceleration_m_s2;  // of the link frame's origin
  Vector3d p = Vector3d::Zero();
  for (std::size_t i = 0; i < dof(); ++i) {
    const Vector3d& axis = frames.axis_B[i];
    const Matrix3d& R = frames.R_BL[i];
    const Vector3d step = frames.p_BL_m[i] - p;
    p = frames.p_BL_m[i];
    a += alpha.cross(step) + omega.cross(omega.cross(step));
    const Vector3d own = axis * dq_rad_s[i];
    alpha += axis * ddq_rad_s2[i] + omega.cross(own);
    omega += own;
    const Vector3d c = R * links_[i].p_LC_m;
    F[i] = links_[i].mass_kg * (a + alpha.cross(c) + omega.cross(omega.cross(c)));
    const Vector3d omega_L = R.transpose() * omega;
    const Vector3d alpha_L = R.transpose() * alpha;
    const Matrix3d& I = links_[i].I_C_kg_m2;
    n_L[i] = R * (I * alpha_L + omega_L.cross(I * omega_L)) + c.cross(F[i]);
  }

  JointVector tau = JointVector::zero(dof());
  Vector3d f = Vector3d::Zero();
  Vector3d n = Vector3d::Zero();  // about the origin of the link before
  for (std::size_t i = dof(); i-- > 0;) {
    n += n_L[i];
    f += F[i];
    tau[i] = n.dot(frames.axis_B[i]) + joints_[i].armature_kg_m2 * ddq_rad_s2[i];
    if (i > 0) {
      n += (frames.p_BL_m[i] - frames.p_BL_m[i - 1]).cross(f);
    }
  }
  return tau;
}

}  // namespace takt::control
