#include "takt/robots/models/so101.hpp"

#include <array>
#include <numbers>

namespace takt::robots::models {
namespace {

constexpr double kPi = std::numbers::pi;

/// What real arms travel beyond the CAD's limits, for joints 1 to 5: the zero is set by hand on each unit. The
/// recordings of one arm reach 2.5° beyond in shoulder_lift, 6.1° in wrist_flex; commands sent to it 5.4°. 10° holds
/// them all.
constexpr double kCalibrationMarginRad = 10.0 * kPi / 180.0;

/// STS3215: no-load speed 45 rpm (4.7 rad/s) at 12 V by its data sheet; the recordings reach 5.76 rad/s where gravity
/// helps.
constexpr double kVelocityRadS = 6.0;

/// Stall torque, 30 kg·cm at 12 V.
constexpr double kTorqueNm = 2.94;

/// Stall torque over the inertia at shoulder_lift (rotor 0.028 + stretched arm ≈ 0.02 kg·m²) ≈ 60 rad/s²; recorded
/// peaks of the arm (second differences at 59 Hz) are 54 … 139 rad/s².
constexpr double kAccelerationRadS2 = 60.0;

/// Full acceleration after 20 ms, about one period of the recordings' 59 Hz loop: less would smooth what the servo
/// follows.
constexpr double kJerkRadS3 = 3000.0;

constexpr std::size_t kDof = 6;

constexpr std::array<const char*, kDof> kNames = {"shoulder_pan", "shoulder_lift", "elbow_flex",
                                                  "wrist_flex",   "wrist_roll",    "gripper"};

/// Joint frame in its parent link's frame, orientation as fixed-axis angles. Each joint turns about z of its own frame.
struct Placement {
  double x_m, y_m, z_m, roll_rad, pitch_rad, yaw_rad;
};
constexpr std::array<Placement, kDof> kPlacements = {{
    {0.0388353, 0, 0.0624, 0, kPi, 0},
    {-0.0303992, -0.0182778, -0.0542, -kPi / 2, -kPi / 2, 0},
    {-0.11257, -0.028, 0, 0, 0, kPi / 2},
    {-0.1349, 0.0052, 0, 0, 0, -kPi / 2},
    {0, -0.0611, 0.0181, kPi / 2, 0, kPi},
    {0.0202, 0.0188, -0.0234, kPi / 2, 0, 0},
}};
constexpr Placement kFlange = {-0.0079, -0.000218121, -0.0981274, 0, kPi, 0};

struct Range {
  double q_min_rad, q_max_rad, margin_rad;
};
constexpr std::array<Range, kDof> kRanges = {{
    {-1.91986, 1.91986, kCalibrationMarginRad},
    {-1.74533, 1.74533, kCalibrationMarginRad},
    {-1.69, 1.69, kCalibrationMarginRad},
    {-1.65806, 1.65806, kCalibrationMarginRad},
    {-2.79253, 2.79253, kCalibrationMarginRad},
    {-0.174533, 1.74533, 0.0},
}};

struct PointMass {
  double mass_kg, x_m, y_m, z_m;
};
constexpr std::array<PointMass, kDof> kMasses = {{
    {0.100006, -0.0307604, -1.66727e-05, -0.0252713},
    {0.103, -0.0898471, -0.00838224, 0.0184089},
    {0.104, -0.0980701, 0.00324376, 0.0182831},
    {0.079, -0.000103312, -0.0386143, 0.0281156},
    {0.087, 0.000213627, 0.000245138, -0.025187},
    {0.012, -0.00157495, -0.0300244, 0.0192755},
}};

/// About the centre of mass, axes of the link [kg·m²].
struct Inertia {
  double xx, xy, xz, yy, yz, zz;
};
constexpr std::array<Inertia, kDof> kInertias = {{
    {8.3759e-05, 7.55525e-08, -1.16342e-06, 8.10403e-05, 1.54663e-07, 2.39783e-05},
    {4.08002e-05, -1.97819e-05, -4.03016e-08, 0.000147318, 8.97326e-09, 0.000142487},
    {2.87438e-05, 7.41152e-06, 1.26409e-06, 0.000159844, -4.90188e-08, 0.00014529},
    {3.68263e-05, 1.7893e-08, -5.28128e-08, 2.5391e-05, 3.6412e-06, 2.1e-05},
    {2.75087e-05, -3.35241e-07, -5.7352e-06, 4.33657e-05, -5.17847e-08, 3.45059e-05},
    {6.61427e-06, -3.19807e-07, -5.90717e-09, 1.89032e-06, -1.09945e-07, 5.28738e-06},
}};

core::Pose pose_of(const Placement& placement) {
  core::Pose pose = core::Pose::Identity();
  pose.linear() = (Eigen::AngleAxisd(placement.yaw_rad, Eigen::Vector3d::UnitZ()) *
                   Eigen::AngleAxisd(placement.pitch_rad, Eigen::Vector3d::UnitY()) *
                   Eigen::AngleAxisd(placement.roll_rad, Eigen::Vector3d::UnitX()))
                      .toRotationMatrix();
  pose.translation() = Eigen::Vector3d(placement.x_m, placement.y_m, placement.z_m);
  return pose;
}

control::JointLimits limits_of(const Range& range) {
  control::JointLimits limits;
  limits.position_min_rad = range.q_min_rad - range.margin_rad;
  limits.position_max_rad = range.q_max_rad + range.margin_rad;
  limits.velocity_rad_s = kVelocityRadS;
  limits.acceleration_rad_s2 = kAccelerationRadS2;
  limits.jerk_rad_s3 = kJerkRadS3;
  limits.torque_nm = kTorqueNm;
  return limits;
}

control::LinkInertia link_of(const PointMass& mass, const Inertia& i) {
  control::LinkInertia link;
  link.mass_kg = mass.mass_kg;
  link.p_LC_m = Eigen::Vector3d(mass.x_m, mass.y_m, mass.z_m);
  link.I_C_kg_m2 << i.xx, i.xy, i.xz, i.xy, i.yy, i.yz, i.xz, i.yz, i.zz;
  return link;
}

control::JointData joint_of(std::size_t index) {
  control::JointData joint;
  joint.name = kNames[index];
  joint.X_PJ = pose_of(kPlacements[index]);
  joint.limits = limits_of(kRanges[index]);
  joint.link = link_of(kMasses[index], kInertias[index]);
  joint.damping_nm_s_rad = 0.60;
  joint.friction_nm = 0.052;
  joint.armature_kg_m2 = 0.028;
  return joint;
}

}  // namespace

control::ModelData so101() {
  control::ModelData data;
  data.name = "so101";
  for (std::size_t index = 0; index < kDof; ++index) {
    data.joints.push_back(joint_of(index));
  }
  data.flange_link = 5;
  data.X_LF = pose_of(kFlange);
  data.home_rad = {0, 0, 0, 0, 0, 0};  // upper arm upright, forearm forward: clear of the table and of every limit
  return data;
}

}  // namespace takt::robots::models
