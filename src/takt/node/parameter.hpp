#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "takt/core/error.hpp"

namespace takt::node {

/// What a parameter can be; the order is that of ROS 2's numbers, 0 to 9. The first: not set.
using ParameterValue =
    std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::byte>, std::vector<bool>,
                 std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>>;

/// "integer", for people.
[[nodiscard]] std::string type_name(const ParameterValue& value);

struct Parameter {
  std::string name;
  ParameterValue value;
  friend bool operator==(const Parameter&, const Parameter&) = default;
};

/// Bounds of a number, both included; above `from`, in steps when step is not 0, `to` is good too.
template <class T>
struct ParameterRange {
  T from{};
  T to{};
  T step{};
  friend bool operator==(const ParameterRange&, const ParameterRange&) = default;
};

/// What is said of a parameter, and what is asked of its values.
struct ParameterDescriptor {
  std::string description{};
  std::string additional_constraints{};  ///< for people
  bool read_only{false};                 ///< cannot be set after it was declared
  bool dynamic_typing{false};            ///< values of another type may be set
  std::optional<ParameterRange<double>> floating_point_range{};
  std::optional<ParameterRange<std::int64_t>> integer_range{};
  friend bool operator==(const ParameterDescriptor&, const ParameterDescriptor&) = default;
};

/// Why `value` is not good for it; nothing when it is.
[[nodiscard]] std::optional<std::string> refusal(const ParameterDescriptor& descriptor, const ParameterValue& value);

}  // namespace takt::node
