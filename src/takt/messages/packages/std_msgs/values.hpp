#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/describe.hpp>

/// Single values. Of the package std_msgs of ROS 2.
namespace takt::std_msgs {

struct Bool {
  static constexpr std::string_view kRosName = "std_msgs/msg/Bool";

  bool data{false};

  friend bool operator==(const Bool&, const Bool&) = default;
};
BOOST_DESCRIBE_STRUCT(Bool, (), (data))

struct Byte {
  static constexpr std::string_view kRosName = "std_msgs/msg/Byte";

  std::byte data{};

  friend bool operator==(const Byte&, const Byte&) = default;
};
BOOST_DESCRIBE_STRUCT(Byte, (), (data))

struct Char {
  static constexpr std::string_view kRosName = "std_msgs/msg/Char";

  std::uint8_t data{0};

  friend bool operator==(const Char&, const Char&) = default;
};
BOOST_DESCRIBE_STRUCT(Char, (), (data))

struct ColorRGBA {
  static constexpr std::string_view kRosName = "std_msgs/msg/ColorRGBA";

  float r{0.0F};
  float g{0.0F};
  float b{0.0F};
  float a{0.0F};

  friend bool operator==(const ColorRGBA&, const ColorRGBA&) = default;
};
BOOST_DESCRIBE_STRUCT(ColorRGBA, (), (r, g, b, a))

struct Empty {
  static constexpr std::string_view kRosName = "std_msgs/msg/Empty";

  friend bool operator==(const Empty&, const Empty&) = default;
};
BOOST_DESCRIBE_STRUCT(Empty, (), ())

struct Float32 {
  static constexpr std::string_view kRosName = "std_msgs/msg/Float32";

  float data{0.0F};

  friend bool operator==(const Float32&, const Float32&) = default;
};
BOOST_DESCRIBE_STRUCT(Float32, (), (data))

struct Float64 {
  static constexpr std::string_view kRosName = "std_msgs/msg/Float64";

  double data{0.0};

  friend bool operator==(const Float64&, const Float64&) = default;
};
BOOST_DESCRIBE_STRUCT(Float64, (), (data))

struct Int16 {
  static constexpr std::string_view kRosName = "std_msgs/msg/Int16";

  std::int16_t data{0};

  friend bool operator==(const Int16&, const Int16&) = default;
};
BOOST_DESCRIBE_STRUCT(Int16, (), (data))

struct Int32 {
  static constexpr std::string_view kRosName = "std_msgs/msg/Int32";

  std::int32_t data{0};

  friend bool operator==(const Int32&, const Int32&) = default;
};
BOOST_DESCRIBE_STRUCT(Int32, (), (data))

struct Int64 {
  static constexpr std::string_view kRosName = "std_msgs/msg/Int64";

  std::int64_t data{0};

  friend bool operator==(const Int64&, const Int64&) = default;
};
BOOST_DESCRIBE_STRUCT(Int64, (), (data))

struct Int8 {
  static constexpr std::string_view kRosName = "std_msgs/msg/Int8";

  std::int8_t data{0};

  friend bool operator==(const Int8&, const Int8&) = default;
};
BOOST_DESCRIBE_STRUCT(Int8, (), (data))

struct String {
  static constexpr std::string_view kRosName = "std_msgs/msg/String";

  std::string data;

  friend bool operator==(const String&, const String&) = default;
};
BOOST_DESCRIBE_STRUCT(String, (), (data))

struct UInt16 {
  static constexpr std::string_view kRosName = "std_msgs/msg/UInt16";

  std::uint16_t data{0};

  friend bool operator==(const UInt16&, const UInt16&) = default;
};
BOOST_DESCRIBE_STRUCT(UInt16, (), (data))

struct UInt32 {
  static constexpr std::string_view kRosName = "std_msgs/msg/UInt32";

  std::uint32_t data{0};

  friend bool operator==(const UInt32&, const UInt32&) = default;
};
BOOST_DESCRIBE_STRUCT(UInt32, (), (data))

struct UInt64 {
  static constexpr std::string_view kRosName = "std_msgs/msg/UInt64";

  std::uint64_t data{0};

  friend bool operator==(const UInt64&, const UInt64&) = default;
};
BOOST_DESCRIBE_STRUCT(UInt64, (), (data))

struct UInt8 {
  static constexpr std::string_view kRosName = "std_msgs/msg/UInt8";

  std::uint8_t data{0};

  friend bool operator==(const UInt8&, const UInt8&) = default;
};
BOOST_DESCRIBE_STRUCT(UInt8, (), (data))

}  // namespace takt::std_msgs
