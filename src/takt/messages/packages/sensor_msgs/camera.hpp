#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/messages/packages/std_msgs/header.hpp"

/// Images and the cameras that take them. Of the package sensor_msgs of ROS 2.
namespace takt::sensor_msgs {

struct RegionOfInterest {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/RegionOfInterest";

  std::uint32_t x_offset{0};
  std::uint32_t y_offset{0};
  std::uint32_t height{0};
  std::uint32_t width{0};
  bool do_rectify{false};

  friend bool operator==(const RegionOfInterest&, const RegionOfInterest&) = default;
};
BOOST_DESCRIBE_STRUCT(RegionOfInterest, (), (x_offset, y_offset, height, width, do_rectify))

struct CameraInfo {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/CameraInfo";

  std_msgs::Header header;
  std::uint32_t height{0};
  std::uint32_t width{0};
  std::string distortion_model;
  std::vector<double> d;
  std::array<double, 9> k{};
  std::array<double, 9> r{};
  std::array<double, 12> p{};
  std::uint32_t binning_x{0};
  std::uint32_t binning_y{0};
  RegionOfInterest roi;

  friend bool operator==(const CameraInfo&, const CameraInfo&) = default;
};
BOOST_DESCRIBE_STRUCT(CameraInfo, (), (header, height, width, distortion_model, d, k, r, p, binning_x, binning_y, roi))

struct CompressedImage {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/CompressedImage";

  std_msgs::Header header;
  std::string format;
  std::vector<std::uint8_t> data;

  friend bool operator==(const CompressedImage&, const CompressedImage&) = default;
};
BOOST_DESCRIBE_STRUCT(CompressedImage, (), (header, format, data))

struct Image {
  static constexpr std::string_view kRosName = "sensor_msgs/msg/Image";

  std_msgs::Header header;
  std::uint32_t height{0};
  std::uint32_t width{0};
  std::string encoding;
  std::uint8_t is_bigendian{0};
  std::uint32_t step{0};
  std::vector<std::uint8_t> data;

  friend bool operator==(const Image&, const Image&) = default;
};
BOOST_DESCRIBE_STRUCT(Image, (), (header, height, width, encoding, is_bigendian, step, data))

struct SetCameraInfo {
  static constexpr std::string_view kRosName = "sensor_msgs/srv/SetCameraInfo";

  struct Request {
    static constexpr std::string_view kRosName = "sensor_msgs/srv/SetCameraInfo_Request";

    CameraInfo camera_info;

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "sensor_msgs/srv/SetCameraInfo_Response";

    bool success{false};
    std::string status_message;

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(SetCameraInfo::Request, (), (camera_info))
BOOST_DESCRIBE_STRUCT(SetCameraInfo::Response, (), (success, status_message))

}  // namespace takt::sensor_msgs
