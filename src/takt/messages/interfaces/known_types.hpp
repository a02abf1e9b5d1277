#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "takt/core/error.hpp"
#include "takt/messages/decode_error.hpp"
#include "takt/messages/type_description.hpp"

/// The types that takt ships, found by their ROS names while the program runs: for tools that learn only then what they
/// are to show or send.
namespace takt::messages {

/// A type of a shipped package. Services and actions have no bytes of their own; the messages of which they consist,
/// and those that ROS derives of them, are types here too ("std_srvs/srv/SetBool_Request").
struct KnownType {
  std::string_view name;
  const RosType& (*type)();
  /// "uint8 RED=1" and so on, a line each; empty where there are none.
  std::string (*constants)();
  /// From bytes of CDR to JSON and back. Null for a service or action.
  Expected<std::string, DecodeError> (*json_from_cdr)(std::span<const std::byte> message);
  Expected<std::vector<std::byte>, DecodeError> (*cdr_from_json)(std::string_view text);
};

/// In the order of their names.
[[nodiscard]] std::span<const KnownType> known_types();

/// Null when it is none of them. "std_msgs/String" is understood too, where a message of that name is.
[[nodiscard]] const KnownType* find_known_type(std::string_view name);

/// Whether takt ships declarations of this ROS package.
[[nodiscard]] bool is_known_package(std::string_view package);

/// As .msg, .srv or .action files have it: constants and fields with their defaults, "---" between the messages.
[[nodiscard]] std::string interface_text(const KnownType& type);

}  // namespace takt::messages
