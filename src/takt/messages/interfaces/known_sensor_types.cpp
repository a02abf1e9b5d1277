#include "takt/messages/interfaces/internal/known_type_of.hpp"
#include "takt/messages/packages/diagnostic_msgs.hpp"
#include "takt/messages/packages/sensor_msgs.hpp"

namespace takt::messages {

void add_sensor_types(std::vector<KnownType>& types) {
  add_all_known<sensor_msgs::BatteryState, sensor_msgs::CameraInfo, sensor_msgs::ChannelFloat32,
                sensor_msgs::CompressedImage, sensor_msgs::FluidPressure, sensor_msgs::Illuminance, sensor_msgs::Image,
                sensor_msgs::Imu, sensor_msgs::JointState, sensor_msgs::Joy, sensor_msgs::JoyFeedback,
                sensor_msgs::JoyFeedbackArray, sensor_msgs::LaserEcho, sensor_msgs::LaserScan,
                sensor_msgs::MagneticField, sensor_msgs::MultiDOFJointState, sensor_msgs::MultiEchoLaserScan,
                sensor_msgs::NavSatFix, sensor_msgs::NavSatStatus, sensor_msgs::PointCloud, sensor_msgs::PointCloud2,
                sensor_msgs::PointField, sensor_msgs::Range, sensor_msgs::RegionOfInterest,
                sensor_msgs::RelativeHumidity, sensor_msgs::Temperature, sensor_msgs::TimeReference,
                sensor_msgs::SetCameraInfo, diagnostic_msgs::DiagnosticArray, diagnostic_msgs::DiagnosticStatus,
                diagnostic_msgs::KeyValue, diagnostic_msgs::AddDiagnostics, diagnostic_msgs::SelfTest>(types);
}

}  // namespace takt::messages
