#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

/// Points, poses, velocities and forces. Lengths in m, angles in rad, forces in N, torques in N·m. Of the package
/// geometry_msgs of ROS 2.
namespace takt::geometry_msgs {

struct Vector3 {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/Vector3";

  double x{0.0};
  double y{0.0};
  double z{0.0};

  friend bool operator==(const Vector3&, const Vector3&) = default;
};
BOOST_DESCRIBE_STRUCT(Vector3, (), (x, y, z))

struct Accel {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/Accel";

  Vector3 linear;
  Vector3 angular;

  friend bool operator==(const Accel&, const Accel&) = default;
};
BOOST_DESCRIBE_STRUCT(Accel, (), (linear, angular))

struct AccelWithCovariance {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/AccelWithCovariance";

  Accel accel;
  std::array<double, 36> covariance{};

  friend bool operator==(const AccelWithCovariance&, const AccelWithCovariance&) = default;
};
BOOST_DESCRIBE_STRUCT(AccelWithCovariance, (), (accel, covariance))

struct Inertia {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/Inertia";

  double m{0.0};
  Vector3 com;
  double ixx{0.0};
  double ixy{0.0};
  double ixz{0.0};
  double iyy{0.0};
  double iyz{0.0};
  double izz{0.0};

  friend bool operator==(const Inertia&, const Inertia&) = default;
};
BOOST_DESCRIBE_STRUCT(Inertia, (), (m, com, ixx, ixy, ixz, iyy, iyz, izz))

struct Point {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/Point";

  double x{0.0};
  double y{0.0};
  double z{0.0};

  friend bool operator==(const Point&, const Point&) = default;
};
BOOST_DESCRIBE_STRUCT(Point, (), (x, y, z))

struct Point32 {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/Point32";

  float x{0.0F};
  float y{0.0F};
  float z{0.0F};

  friend bool operator==(const Point32&, const Point32&) = default;
};
BOOST_DESCRIBE_STRUCT(Point32, (), (x, y, z))

struct Polygon {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/Polygon";

  std::vector<Point32> points;

  friend bool operator==(const Polygon&, const Polygon&) = default;
};
BOOST_DESCRIBE_STRUCT(Polygon, (), (points))

struct PolygonInstance {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/PolygonInstance";

  Polygon polygon;
  std::int64_t id{0};

  friend bool operator==(const PolygonInstance&, const PolygonInstance&) = default;
};
BOOST_DESCRIBE_STRUCT(PolygonInstance, (), (polygon, id))

struct Quaternion {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/Quaternion";

  double x{0.0};
  double y{0.0};
  double z{0.0};
  double w{1.0};

  friend bool operator==(const Quaternion&, const Quaternion&) = default;
};
BOOST_DESCRIBE_STRUCT(Quaternion, (), (x, y, z, w))

struct Pose {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/Pose";

  Point position;
  Quaternion orientation;

  friend bool operator==(const Pose&, const Pose&) = default;
};
BOOST_DESCRIBE_STRUCT(Pose, (), (position, orientation))

struct Pose2D {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/Pose2D";

  double x{0.0};
  double y{0.0};
  double theta{0.0};

  friend bool operator==(const Pose2D&, const Pose2D&) = default;
};
BOOST_DESCRIBE_STRUCT(Pose2D, (), (x, y, theta))

struct PoseWithCovariance {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/PoseWithCovariance";

  Pose pose;
  std::array<double, 36> covariance{};

  friend bool operator==(const PoseWithCovariance&, const PoseWithCovariance&) = default;
};
BOOST_DESCRIBE_STRUCT(PoseWithCovariance, (), (pose, covariance))

struct Transform {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/Transform";

  Vector3 translation;
  Quaternion rotation;

  friend bool operator==(const Transform&, const Transform&) = default;
};
BOOST_DESCRIBE_STRUCT(Transform, (), (translation, rotation))

struct Twist {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/Twist";

  Vector3 linear;
  Vector3 angular;

  friend bool operator==(const Twist&, const Twist&) = default;
};
BOOST_DESCRIBE_STRUCT(Twist, (), (linear, angular))

struct TwistWithCovariance {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/TwistWithCovariance";

  Twist twist;
  std::array<double, 36> covariance{};

  friend bool operator==(const TwistWithCovariance&, const TwistWithCovariance&) = default;
};
BOOST_DESCRIBE_STRUCT(TwistWithCovariance, (), (twist, covariance))

struct Wrench {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/Wrench";

  Vector3 force;
  Vector3 torque;

  friend bool operator==(const Wrench&, const Wrench&) = default;
};
BOOST_DESCRIBE_STRUCT(Wrench, (), (force, torque))

}  // namespace takt::geometry_msgs
