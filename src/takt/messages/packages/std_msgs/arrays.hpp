#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

/// Arrays with a layout, of any number of dimensions. Of the package std_msgs of ROS 2.
namespace takt::std_msgs {

struct MultiArrayDimension {
  static constexpr std::string_view kRosName = "std_msgs/msg/MultiArrayDimension";

  std::string label;
  std::uint32_t size{0};
  std::uint32_t stride{0};

  friend bool operator==(const MultiArrayDimension&, const MultiArrayDimension&) = default;
};
BOOST_DESCRIBE_STRUCT(MultiArrayDimension, (), (label, size, stride))

struct MultiArrayLayout {
  static constexpr std::string_view kRosName = "std_msgs/msg/MultiArrayLayout";

  std::vector<MultiArrayDimension> dim;
  std::uint32_t data_offset{0};

  friend bool operator==(const MultiArrayLayout&, const MultiArrayLayout&) = default;
};
BOOST_DESCRIBE_STRUCT(MultiArrayLayout, (), (dim, data_offset))

struct ByteMultiArray {
  static constexpr std::string_view kRosName = "std_msgs/msg/ByteMultiArray";

  MultiArrayLayout layout;
  std::vector<std::byte> data;

  friend bool operator==(const ByteMultiArray&, const ByteMultiArray&) = default;
};
BOOST_DESCRIBE_STRUCT(ByteMultiArray, (), (layout, data))

struct Float32MultiArray {
  static constexpr std::string_view kRosName = "std_msgs/msg/Float32MultiArray";

  MultiArrayLayout layout;
  std::vector<float> data;

  friend bool operator==(const Float32MultiArray&, const Float32MultiArray&) = default;
};
BOOST_DESCRIBE_STRUCT(Float32MultiArray, (), (layout, data))

struct Float64MultiArray {
  static constexpr std::string_view kRosName = "std_msgs/msg/Float64MultiArray";

  MultiArrayLayout layout;
  std::vector<double> data;

  friend bool operator==(const Float64MultiArray&, const Float64MultiArray&) = default;
};
BOOST_DESCRIBE_STRUCT(Float64MultiArray, (), (layout, data))

struct Int16MultiArray {
  static constexpr std::string_view kRosName = "std_msgs/msg/Int16MultiArray";

  MultiArrayLayout layout;
  std::vector<std::int16_t> data;

  friend bool operator==(const Int16MultiArray&, const Int16MultiArray&) = default;
};
BOOST_DESCRIBE_STRUCT(Int16MultiArray, (), (layout, data))

struct Int32MultiArray {
  static constexpr std::string_view kRosName = "std_msgs/msg/Int32MultiArray";

  MultiArrayLayout layout;
  std::vector<std::int32_t> data;

  friend bool operator==(const Int32MultiArray&, const Int32MultiArray&) = default;
};
BOOST_DESCRIBE_STRUCT(Int32MultiArray, (), (layout, data))

struct Int64MultiArray {
  static constexpr std::string_view kRosName = "std_msgs/msg/Int64MultiArray";

  MultiArrayLayout layout;
  std::vector<std::int64_t> data;

  friend bool operator==(const Int64MultiArray&, const Int64MultiArray&) = default;
};
BOOST_DESCRIBE_STRUCT(Int64MultiArray, (), (layout, data))

struct Int8MultiArray {
  static constexpr std::string_view kRosName = "std_msgs/msg/Int8MultiArray";

  MultiArrayLayout layout;
  std::vector<std::int8_t> data;

  friend bool operator==(const Int8MultiArray&, const Int8MultiArray&) = default;
};
BOOST_DESCRIBE_STRUCT(Int8MultiArray, (), (layout, data))

struct UInt16MultiArray {
  static constexpr std::string_view kRosName = "std_msgs/msg/UInt16MultiArray";

  MultiArrayLayout layout;
  std::vector<std::uint16_t> data;

  friend bool operator==(const UInt16MultiArray&, const UInt16MultiArray&) = default;
};
BOOST_DESCRIBE_STRUCT(UInt16MultiArray, (), (layout, data))

struct UInt32MultiArray {
  static constexpr std::string_view kRosName = "std_msgs/msg/UInt32MultiArray";

  MultiArrayLayout layout;
  std::vector<std::uint32_t> data;

  friend bool operator==(const UInt32MultiArray&, const UInt32MultiArray&) = default;
};
BOOST_DESCRIBE_STRUCT(UInt32MultiArray, (), (layout, data))

struct UInt64MultiArray {
  static constexpr std::string_view kRosName = "std_msgs/msg/UInt64MultiArray";

  MultiArrayLayout layout;
  std::vector<std::uint64_t> data;

  friend bool operator==(const UInt64MultiArray&, const UInt64MultiArray&) = default;
};
BOOST_DESCRIBE_STRUCT(UInt64MultiArray, (), (layout, data))

struct UInt8MultiArray {
  static constexpr std::string_view kRosName = "std_msgs/msg/UInt8MultiArray";

  MultiArrayLayout layout;
  std::vector<std::uint8_t> data;

  friend bool operator==(const UInt8MultiArray&, const UInt8MultiArray&) = default;
};
BOOST_DESCRIBE_STRUCT(UInt8MultiArray, (), (layout, data))

}  // namespace takt::std_msgs
