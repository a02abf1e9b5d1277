#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/messages/packages/geometry_msgs/values.hpp"
#include "takt/messages/packages/std_msgs/header.hpp"

/// Distances: single ones, scans, point clouds. In m and rad. Of the package sensor_msgs of ROS 2.
namespace takt::sensor_msgs {

struct ChannelFloat32 {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/ChannelFloat32";

  std::string name;
  std::vector<float> values;

  friend bool operator==(const ChannelFloat32&, const ChannelFloat32&) = default;
};
BOOST_DESCRIBE_STRUCT(ChannelFloat32, (), (name, values))

struct LaserEcho {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/LaserEcho";

  std::vector<float> echoes;

  friend bool operator==(const LaserEcho&, const LaserEcho&) = default;
};
BOOST_DESCRIBE_STRUCT(LaserEcho, (), (echoes))

struct LaserScan {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/LaserScan";

  std_msgs::Header header;
  float angle_min{0.0F};
  float angle_max{0.0F};
  float angle_increment{0.0F};
  float time_increment{0.0F};
  float scan_time{0.0F};
  float range_min{0.0F};
  float range_max{0.0F};
  std::vector<float> ranges;
  std::vector<float> intensities;

  friend bool operator==(const LaserScan&, const LaserScan&) = default;
};
BOOST_DESCRIBE_STRUCT(LaserScan, (),
                      (header, angle_min, angle_max, angle_increment, time_increment, scan_time, range_min, range_max,
                       ranges, intensities))

struct MultiEchoLaserScan {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/MultiEchoLaserScan";

  std_msgs::Header header;
  float angle_min{0.0F};
  float angle_max{0.0F};
  float angle_increment{0.0F};
  float time_increment{0.0F};
  float scan_time{0.0F};
  float range_min{0.0F};
  float range_max{0.0F};
  std::vector<LaserEcho> ranges;
  std::vector<LaserEcho> intensities;

  friend bool operator==(const MultiEchoLaserScan&, const MultiEchoLaserScan&) = default;
};
BOOST_DESCRIBE_STRUCT(MultiEchoLaserScan, (),
                      (header, angle_min, angle_max, angle_increment, time_increment, scan_time, range_min, range_max,
                       ranges, intensities))

struct PointCloud {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/PointCloud";

  std_msgs::Header header;
  std::vector<geometry_msgs::Point32> points;
  std::vector<ChannelFloat32> channels;

  friend bool operator==(const PointCloud&, const PointCloud&) = default;
};
BOOST_DESCRIBE_STRUCT(PointCloud, (), (header, points, channels))

struct PointField {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/PointField";
  static constexpr std::uint8_t INT8 = 1;
  static constexpr std::uint8_t UINT8 = 2;
  static constexpr std::uint8_t INT16 = 3;
  static constexpr std::uint8_t UINT16 = 4;
  static constexpr std::uint8_t INT32 = 5;
  static constexpr std::uint8_t UINT32 = 6;
  static constexpr std::uint8_t FLOAT32 = 7;
  static constexpr std::uint8_t FLOAT64 = 8;

  std::string name;
  std::uint32_t offset{0};
  std::uint8_t datatype{0};
  std::uint32_t count{0};

  friend bool operator==(const PointField&, const PointField&) = default;
};
BOOST_DESCRIBE_STRUCT(PointField, (),
                      (INT8, UINT8, INT16, UINT16, INT32, UINT32, FLOAT32, FLOAT64, name, offset, datatype, count))

struct PointCloud2 {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/PointCloud2";

  std_msgs::Header header;
  std::uint32_t height{0};
  std::uint32_t width{0};
  std::vector<PointField> fields;
  bool is_bigendian{false};
  std::uint32_t point_step{0};
  std::uint32_t row_step{0};
  std::vector<std::uint8_t> data;
  bool is_dense{false};

  friend bool operator==(const PointCloud2&, const PointCloud2&) = default;
};
BOOST_DESCRIBE_STRUCT(PointCloud2, (),
                      (header, height, width, fields, is_bigendian, point_step, row_step, data, is_dense))

struct Range {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/Range";
  static constexpr std::uint8_t ULTRASOUND = 0;
  static constexpr std::uint8_t INFRARED = 1;

  std_msgs::Header header;
  std::uint8_t radiation_type{0};
  float field_of_view{0.0F};
  float min_range{0.0F};
  float max_range{0.0F};
  float range{0.0F};
  float variance{0.0F};

  friend bool operator==(const Range&, const Range&) = default;
};
BOOST_DESCRIBE_STRUCT(Range, (),
                      (ULTRASOUND, INFRARED, header, radiation_type, field_of_view, min_range, max_range, range,
                       variance))

}  // namespace takt::sensor_msgs
