#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "demo_msgs/msg/nothing.hpp"

namespace demo_msgs {

/// Names that C++ has taken.
struct Reserved {
  static constexpr std::string_view kRosName = "demo_msgs/msg/Reserved";
  static constexpr std::int32_t NULL_ = 1;
  static constexpr std::int32_t EOF_ = 2;
  static constexpr double NAN_ = 0.5;
  static constexpr std::uint8_t OVERFLOW_ = 4;
  static constexpr std::string_view SIGINT_ = "five";

  std::uint8_t class_{1};
  std::vector<double> union_;
  std::string errno_{"none"};
  Nothing std_;
  bool takt_{false};

  friend bool operator==(const Reserved&, const Reserved&) = default;
};
BOOST_DESCRIBE_STRUCT(Reserved, (), (NULL_, EOF_, NAN_, OVERFLOW_, SIGINT_, class_, union_, errno_, std_, takt_))

}  // namespace demo_msgs
