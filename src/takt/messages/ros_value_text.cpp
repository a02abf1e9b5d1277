#include "takt/messages/ros_value_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace takt::messages {
namespace {

template <class T>
std::string float_text(T value) {
  if (!std::isfinite(value)) {
    return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  }
  std::array<char, 64> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  std::string text(digits.data(), written.ptr);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

}  // namespace

std::string ros_value_text(std::int64_t value) {
  return std::to_string(value);
}

std::string ros_value_text(std::uint64_t value) {
  return std::to_string(value);
}

std::string ros_value_text(float value) {
  return float_text(value);
}

std::string ros_value_text(double value) {
  return float_text(value);
}

std::string ros_value_text(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    text += c == '"' || c == '\\' ? "\\" : "";
    text += c;
  }
  return text + '"';
}

}  // namespace takt::messages
