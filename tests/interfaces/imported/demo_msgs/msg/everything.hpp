#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "demo_msgs/msg/nothing.hpp"
#include "takt/core/bounded_vector.hpp"
#include "takt/core/fixed_string.hpp"
#include "takt/messages/packages/geometry_msgs.hpp"
#include "takt/messages/packages/std_msgs.hpp"

namespace demo_msgs {

/// One of each kind of field.
///
/// A second paragraph about it, with a backslash \.
struct Everything {
  static constexpr std::string_view kRosName = "demo_msgs/msg/Everything";
  /// How far it may go.
  static constexpr std::int8_t LOWEST = -128;
  static constexpr std::uint64_t HIGHEST = 18446744073709551615U;
  static constexpr std::int64_t DEEPEST = -9223372036854775807 - 1;
  static constexpr float RATIO = 0.1F;
  static constexpr double NOTHING = std::numeric_limits<double>::quiet_NaN();
  static constexpr bool YES = true;
  static constexpr std::byte MASK = std::byte{15};
  static constexpr std::uint8_t LETTER = 65;
  /// not a comment inside
  static constexpr std::string_view GREETING = "hello # \"you\"";

  bool flag{true};
  std::byte octet{};
  std::uint8_t letter{66};
  float f32{1.5F};
  double f64{-0.002};
  std::int8_t i8{0};
  std::uint8_t u8{255};
  std::int16_t i16{0};
  std::uint16_t u16{0};
  std::int32_t i32{-5};
  std::uint32_t u32{0};
  std::int64_t i64{-9223372036854775807 - 1};
  std::uint64_t u64{18446744073709551615U};
  std::string text{"de \"fault\""};
  takt::core::FixedString<6> label{"abc"};
  std::vector<bool> flags;
  std::array<std::byte, 3> octets{};
  std::array<double, 2> pair{1.0, 2.5};
  std::vector<std::int32_t> numbers{1, 2, 3};
  takt::core::BoundedVector<std::uint8_t, 4> some{7};
  std::vector<std::string> words{"a", "b, c"};
  takt::core::BoundedVector<takt::core::FixedString<6>, 2> labels{"x"};
  std::array<std::string, 2> two{};
  /// The types of others.
  takt::std_msgs::Header header;
  takt::core::BoundedVector<takt::geometry_msgs::Point, 2> corners;
  Nothing nothing;
  std::vector<Nothing> nothings;
  std::array<Nothing, 2> both{};

  friend bool operator==(const Everything&, const Everything&) = default;
};
BOOST_DESCRIBE_STRUCT(Everything, (), (LOWEST, HIGHEST, DEEPEST, RATIO, NOTHING, YES, MASK, LETTER, GREETING, flag,
                                       octet, letter, f32, f64, i8, u8, i16, u16, i32, u32, i64, u64, text, label,
                                       flags, octets, pair, numbers, some, words, labels, two, header, corners,
                                       nothing, nothings, both))

}  // namespace demo_msgs
