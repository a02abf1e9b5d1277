#include "takt/messages/interfaces/internal/known_type_of.hpp"
#include "takt/messages/packages/geometry_msgs.hpp"
#include "takt/messages/packages/tf2_msgs.hpp"

namespace takt::messages {

void add_geometry_types(std::vector<KnownType>& types) {
  add_all_known<geometry_msgs::Accel, geometry_msgs::AccelStamped, geometry_msgs::AccelWithCovariance,
                geometry_msgs::AccelWithCovarianceStamped, geometry_msgs::Inertia, geometry_msgs::InertiaStamped,
                geometry_msgs::Point, geometry_msgs::Point32, geometry_msgs::PointStamped, geometry_msgs::Polygon,
                geometry_msgs::PolygonInstance, geometry_msgs::PolygonInstanceStamped, geometry_msgs::PolygonStamped,
                geometry_msgs::Pose, geometry_msgs::Pose2D, geometry_msgs::PoseArray, geometry_msgs::PoseStamped,
                geometry_msgs::PoseWithCovariance, geometry_msgs::PoseWithCovarianceStamped, geometry_msgs::Quaternion,
                geometry_msgs::QuaternionStamped, geometry_msgs::Transform, geometry_msgs::TransformStamped,
                geometry_msgs::Twist, geometry_msgs::TwistStamped, geometry_msgs::TwistWithCovariance,
                geometry_msgs::TwistWithCovarianceStamped, geometry_msgs::Vector3, geometry_msgs::Vector3Stamped,
                geometry_msgs::VelocityStamped, geometry_msgs::Wrench, geometry_msgs::WrenchStamped, tf2_msgs::TF2Error,
                tf2_msgs::TFMessage, tf2_msgs::FrameGraph, tf2_msgs::LookupTransform>(types);
}

}  // namespace takt::messages
