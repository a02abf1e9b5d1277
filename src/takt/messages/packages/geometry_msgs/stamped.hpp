#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/messages/packages/geometry_msgs/values.hpp"
#include "takt/messages/packages/std_msgs/header.hpp"

/// The same with a header. Of the package geometry_msgs of ROS 2.
namespace takt::geometry_msgs {

struct AccelStamped {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/AccelStamped";

  std_msgs::Header header;
  Accel accel;

  friend bool operator==(const AccelStamped&, const AccelStamped&) = default;
};
BOOST_DESCRIBE_STRUCT(AccelStamped, (), (header, accel))

struct AccelWithCovarianceStamped {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/AccelWithCovarianceStamped";

  std_msgs::Header header;
  AccelWithCovariance accel;

  friend bool operator==(const AccelWithCovarianceStamped&, const AccelWithCovarianceStamped&) = default;
};
BOOST_DESCRIBE_STRUCT(AccelWithCovarianceStamped, (), (header, accel))

struct InertiaStamped {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/InertiaStamped";

  std_msgs::Header header;
  Inertia inertia;

  friend bool operator==(const InertiaStamped&, const InertiaStamped&) = default;
};
BOOST_DESCRIBE_STRUCT(InertiaStamped, (), (header, inertia))

struct PointStamped {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/PointStamped";

  std_msgs::Header header;
  Point point;

  friend bool operator==(const PointStamped&, const PointStamped&) = default;
};
BOOST_DESCRIBE_STRUCT(PointStamped, (), (header, point))

struct PolygonInstanceStamped {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/PolygonInstanceStamped";

  std_msgs::Header header;
  PolygonInstance polygon;

  friend bool operator==(const PolygonInstanceStamped&, const PolygonInstanceStamped&) = default;
};
BOOST_DESCRIBE_STRUCT(PolygonInstanceStamped, (), (header, polygon))

struct PolygonStamped {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/PolygonStamped";

  std_msgs::Header header;
  Polygon polygon;

  friend bool operator==(const PolygonStamped&, const PolygonStamped&) = default;
};
BOOST_DESCRIBE_STRUCT(PolygonStamped, (), (header, polygon))

struct PoseArray {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/PoseArray";

  std_msgs::Header header;
  std::vector<Pose> poses;

  friend bool operator==(const PoseArray&, const PoseArray&) = default;
};
BOOST_DESCRIBE_STRUCT(PoseArray, (), (header, poses))

struct PoseStamped {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/PoseStamped";

  std_msgs::Header header;
  Pose pose;

  friend bool operator==(const PoseStamped&, const PoseStamped&) = default;
};
BOOST_DESCRIBE_STRUCT(PoseStamped, (), (header, pose))

struct PoseWithCovarianceStamped {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/PoseWithCovarianceStamped";

  std_msgs::Header header;
  PoseWithCovariance pose;

  friend bool operator==(const PoseWithCovarianceStamped&, const PoseWithCovarianceStamped&) = default;
};
BOOST_DESCRIBE_STRUCT(PoseWithCovarianceStamped, (), (header, pose))

struct QuaternionStamped {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/QuaternionStamped";

  std_msgs::Header header;
  Quaternion quaternion;

  friend bool operator==(const QuaternionStamped&, const QuaternionStamped&) = default;
};
BOOST_DESCRIBE_STRUCT(QuaternionStamped, (), (header, quaternion))

struct TransformStamped {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/TransformStamped";

  std_msgs::Header header;
  std::string child_frame_id;
  Transform transform;

  friend bool operator==(const TransformStamped&, const TransformStamped&) = default;
};
BOOST_DESCRIBE_STRUCT(TransformStamped, (), (header, child_frame_id, transform))

struct TwistStamped {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/TwistStamped";

  std_msgs::Header header;
  Twist twist;

  friend bool operator==(const TwistStamped&, const TwistStamped&) = default;
};
BOOST_DESCRIBE_STRUCT(TwistStamped, (), (header, twist))

struct TwistWithCovarianceStamped {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/TwistWithCovarianceStamped";

  std_msgs::Header header;
  TwistWithCovariance twist;

  friend bool operator==(const TwistWithCovarianceStamped&, const TwistWithCovarianceStamped&) = default;
};
BOOST_DESCRIBE_STRUCT(TwistWithCovarianceStamped, (), (header, twist))

struct Vector3Stamped {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/Vector3Stamped";

  std_msgs::Header header;
  Vector3 vector;

  friend bool operator==(const Vector3Stamped&, const Vector3Stamped&) = default;
};
BOOST_DESCRIBE_STRUCT(Vector3Stamped, (), (header, vector))

struct VelocityStamped {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/VelocityStamped";

  std_msgs::Header header;
  std::string body_frame_id;
  std::string reference_frame_id;
  Twist velocity;

  friend bool operator==(const VelocityStamped&, const VelocityStamped&) = default;
};
BOOST_DESCRIBE_STRUCT(VelocityStamped, (), (header, body_frame_id, reference_frame_id, velocity))

struct WrenchStamped {
  static constexpr std::string_view kRosName = "geometry_msgs/msg/WrenchStamped";

  std_msgs::Header header;
  Wrench wrench;

  friend bool operator==(const WrenchStamped&, const WrenchStamped&) = default;
};
BOOST_DESCRIBE_STRUCT(WrenchStamped, (), (header, wrench))

}  // namespace takt::geometry_msgs
