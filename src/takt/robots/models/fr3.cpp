#include "takt/robots/models/fr3.hpp"

#include <array>
#include <numbers>
#include <string>

namespace takt::robots::models {
namespace {

constexpr double kPi = std::numbers::pi;

constexpr std::size_t kDof = 7;

/// Joint frame in its parent link's frame: translation and roll about x. Each joint turns about z of its own frame.
struct Placement {
  double x_m, y_m, z_m, roll_rad;
};
constexpr std::array<Placement, kDof> kPlacements = {{
    {0, 0, 0.333, 0},
    {0, 0, 0, -kPi / 2},
    {0, -0.316, 0, kPi / 2},
    {0.0825, 0, 0, kPi / 2},
    {-0.0825, 0.384, 0, -kPi / 2},
    {0, 0, 0, kPi / 2},
    {0.088, 0, 0, kPi / 2},
}};

/// Data sheet. The last two are the velocity envelope: offset and deceleration.
struct Range {
  double q_min_rad, q_max_rad, velocity_rad_s, torque_nm, envelope_offset_rad_s, envelope_deceleration_rad_s2;
};
constexpr std::array<Range, kDof> kRanges = {{
    {-2.9007, 2.9007, 2.62, 87, 0.6599, 6.0},
    {-1.8361, 1.8361, 2.62, 87, 0.2517, 2.585},
    {-2.9007, 2.9007, 2.62, 87, 0.2000, 3.5},
    {-3.0770, -0.1169, 2.62, 87, 0.3533, 4.0},
    {-2.8763, 2.8763, 5.26, 12, 0.5757, 17.0},
    {0.4398, 4.6216, 4.18, 12, 0.4878, 5.5},
    {-3.0508, 3.0508, 5.26, 12, 0.4628, 17.0},
}};

struct PointMass {
  double mass_kg, x_m, y_m, z_m;
};
constexpr std::array<PointMass, kDof> kMasses = {{
    {2.9274653454, 0.0000004128, -0.0181251324, -0.0386035970},
    {2.9355370338, 0.0031828864, -0.0743221644, 0.0088146084},
    {2.2449013699, 0.0407015686, -0.0048200565, -0.0289730823},
    {2.6155955791, -0.0459100965, 0.0630492960, -0.0085187868},
    {2.3271207594, -0.0016039605, 0.0292536262, -0.0972965990},
    {1.8170376524, 0.0597131221, -0.0410294666, -0.0101692726},
    {0.6271432862, 0.0045225817, 0.0086261921, -0.0161633251},
}};

/// About the centre of mass, axes of the link [kg·m²].
struct Inertia {
  double xx, xy, xz, yy, yz, zz;
};
constexpr std::array<Inertia, kDof> kInertias = {{
    {0.023927316485107913, 1.3317903455714081e-05, -0.00011404774918616684,  //
     0.0224821613275756, -0.0019950320628240115, 0.006350098258530016},
    {0.041938946257609425, 0.00020257331521090626, 0.004077784227179924,  //
     0.02514514885014724, -0.0042252158006570156, 0.06170214472888839},
    {0.02410142547240885, 0.002404694559042109, -0.002856269270114313,  //
     0.01974053266708178, -0.002104212683891874, 0.019044494482244823},
    {0.03452998321913202, 0.01322552265982813, 0.01015142998484113,  //
     0.028881621933049058, -0.0009762833870704552, 0.04125471171146641},
    {0.051610278463662895, -0.005715173387783472, -0.0035673167625872135,  //
     0.04787729713371481, 0.010673985108535986, 0.016423625579357254},
    {0.005412333594383447, 0.006193456360285834, 0.0014219289306117652,  //
     0.014058329545509979, -0.0013140753741120031, 0.016080817924212554},
    {0.00021092389150104718, -2.433299114461931e-05, 4.564480393778983e-05,  //
     0.00017718568002411474, 8.744070223226438e-05, 5.993190599659971e-05},
}};

/// The coarse shape that the arm's own self-collision check uses, one or two capsules along an axis of each link:
/// centre and half the segment between the ends' centres, in the link's frame. Link 7's are given in a frame turned by
/// 45°.
struct Shape {
  std::size_t link;
  double x_m, y_m, z_m, half_x_m, half_y_m, half_z_m, radius_m;
};
constexpr std::array<Shape, 10> kShapes = {{
    {0, -0.075, 0, 0.06, 0.015, 0, 0, 0.06},
    {1, 0, 0, -0.1915, 0, 0, 0.1415, 0.06},
    {2, 0, 0, 0, 0, 0, 0.06, 0.06},
    {3, 0, 0, -0.145, 0, 0, 0.075, 0.06},
    {4, 0, 0, 0, 0, 0, 0.06, 0.06},
    {5, 0, 0, -0.26, 0, 0, 0.05, 0.06},
    {5, 0, 0.08, -0.13, 0, 0, 0.07, 0.025},
    {6, 0, 0, -0.03, 0, 0, 0.04, 0.05},
    {7, 0, 0, 0.01, 0, 0, 0.07, 0.04},
    {7, 0.06, 0, 0.082, 0.005, 0, 0, 0.03},
}};
constexpr double kLastShapeTurnRad = kPi / 4;

/// Links that never touch within the joints' range. Their capsules may: those of 1 and 3 do in 29 % of all postures.
constexpr std::array<control::LinkPair, 13> kHarmlessPairs = {
    {{0, 2}, {0, 3}, {0, 4}, {1, 3}, {1, 4}, {2, 4}, {2, 6}, {3, 5}, {3, 6}, {3, 7}, {4, 6}, {4, 7}, {5, 7}}};

control::Capsule capsule_of(const Shape& shape) {
  const Eigen::AngleAxisd turn(shape.link == kDof ? kLastShapeTurnRad : 0.0, Eigen::Vector3d::UnitZ());
  const Eigen::Vector3d centre(shape.x_m, shape.y_m, shape.z_m);
  const Eigen::Vector3d half(shape.half_x_m, shape.half_y_m, shape.half_z_m);
  return {.link = shape.link,
          .p_LP_m = turn * (centre - half),
          .p_LQ_m = turn * (centre + half),
          .radius_m = shape.radius_m};
}

control::JointLimits limits_of(const Range& range) {
  control::JointLimits limits;
  limits.position_min_rad = range.q_min_rad;
  limits.position_max_rad = range.q_max_rad;
  limits.velocity_rad_s = range.velocity_rad_s;
  limits.acceleration_rad_s2 = 10.0;
  limits.jerk_rad_s3 = 5000.0;
  limits.torque_nm = range.torque_nm;
  limits.torque_rate_nm_s = 1000.0;
  limits.envelope_velocity_offset_rad_s = range.envelope_offset_rad_s;
  limits.envelope_deceleration_rad_s2 = range.envelope_deceleration_rad_s2;
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
  const Placement& placement = kPlacements[index];
  control::JointData joint;
  joint.name = "fr3_joint" + std::to_string(index + 1);
  joint.X_PJ.linear() = Eigen::AngleAxisd(placement.roll_rad, Eigen::Vector3d::UnitX()).toRotationMatrix();
  joint.X_PJ.translation() = Eigen::Vector3d(placement.x_m, placement.y_m, placement.z_m);
  joint.limits = limits_of(kRanges[index]);
  joint.link = link_of(kMasses[index], kInertias[index]);
  joint.damping_nm_s_rad = 0.003;
  joint.friction_nm = 0.2;
  return joint;
}

}  // namespace

control::ModelData fr3() {
  control::ModelData data;
  data.name = "fr3";
  for (std::size_t index = 0; index < kDof; ++index) {
    data.joints.push_back(joint_of(index));
  }
  data.X_LF.translation() = Eigen::Vector3d(0, 0, 0.107);
  data.home_rad = {0, -kPi / 4, 0, -3 * kPi / 4, 0, kPi / 2, kPi / 4};  // Franka's "ready" posture
  for (const Shape& shape : kShapes) {
    data.capsules.push_back(capsule_of(shape));
  }
  data.harmless_pairs.assign(kHarmlessPairs.begin(), kHarmlessPairs.end());
  return data;
}

}  // namespace takt::robots::models
