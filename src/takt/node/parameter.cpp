#include "takt/node/parameter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace takt::node {
namespace {

constexpr std::array<std::string_view, std::variant_size_v<ParameterValue>> kTypeNames = {
    "not set",        "bool",           "integer",           "double",           "string",
    "array of bytes", "array of bools", "array of integers", "array of doubles", "array of strings"};

std::string range_text(auto from, auto to, auto step) {
  std::string text = "[" + std::to_string(from) + ", " + std::to_string(to) + "]";
  return step == 0 ? text : text + " in steps of " + std::to_string(step);
}

bool in_range(double value, const ParameterRange<double>& range) noexcept {
  const double tolerance = 1e-9 * std::max({1.0, std::abs(range.from), std::abs(range.to)});
  if (!(value >= range.from - tolerance && value <= range.to + tolerance)) {  // not a number is in no range
    return false;
  }
  if (range.step == 0.0 || std::abs(value - range.to) <= tolerance) {
    return true;
  }
  const double steps = (value - range.from) / range.step;
  return std::abs(steps - std::round(steps)) * std::abs(range.step) <= tolerance;
}

bool in_range(std::int64_t value, const ParameterRange<std::int64_t>& range) noexcept {
  if (value < range.from || value > range.to) {
    return false;
  }
  if (range.step == 0 || value == range.to) {
    return true;
  }
  // Unsigned: the difference of two numbers may be beyond the signed ones.
  const auto distance = static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(range.from);
  return distance % static_cast<std::uint64_t>(range.step) == 0;
}

template <class T>
std::optional<std::string> out_of(const std::optional<ParameterRange<T>>& range, const ParameterValue& value) {
  const T* number = std::get_if<T>(&value);
  if (number == nullptr || !range || in_range(*number, *range)) {
    return std::nullopt;
  }
  return std::to_string(*number) + " is not in " + range_text(range->from, range->to, range->step);
}

}  // namespace

std::string type_name(const ParameterValue& value) {
  return std::string(kTypeNames.at(value.index()));
}

std::optional<std::string> refusal(const ParameterDescriptor& descriptor, const ParameterValue& value) {
  const auto integer = out_of(descriptor.integer_range, value);
  return integer ? integer : out_of(descriptor.floating_point_range, value);
}

}  // namespace takt::node
