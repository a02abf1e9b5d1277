#pragma once

#include <string>
#include <string_view>

#include "takt/messages/packages/type_description_interfaces.hpp"
#include "takt/messages/ros_action.hpp"
#include "takt/messages/ros_message.hpp"
#include "takt/messages/ros_service.hpp"
#include "takt/messages/sha256.hpp"

/// The ROS 2 type description of what is declared as a struct, and its hash: what is announced beside an endpoint and
/// answered by `<node>/get_type_description`. Nothing is generated and no ROS is needed.
namespace takt::messages {

/// A message, service or action of ROS.
template <class T>
concept RosInterface = RosMessage<T> || RosService<T> || RosAction<T>;

/// What ROS programs say of a type to each other.
struct RosType {
  std::string name;  ///< "std_msgs/msg/String"
  Sha256 hash{};     ///< RIHS01 (REP-2016): SHA-256 of the description without default values
  /// The type and all types that it is made of, the latter in the order of their names.
  type_description_interfaces::TypeDescription description;
};

/// The member, a uint8, that ROS gives a message without any.
inline constexpr std::string_view kRosNoMember = "structure_needs_at_least_one_member";

/// Worked out when first asked for, then kept. Any thread; allocates the first time.
template <RosInterface T>
[[nodiscard]] const RosType& ros_type();

/// "float64", "std_msgs/Header", "string<=5[<=3]": as .msg files have it.
[[nodiscard]] std::string ros_type_text(const type_description_interfaces::FieldType& type);
[[nodiscard]] std::string ros_type_text(const RosFieldType& type);

/// "RIHS01_" and 64 hexadecimal digits.
[[nodiscard]] std::string rihs01_text(const Sha256& hash);

/// The text that is hashed: JSON of the description, its keys in the order of the messages, without default values.
[[nodiscard]] std::string hashed_text(const type_description_interfaces::TypeDescription& description);

/// The fields as they stand in a .msg file, with their defaults; comments and constants are not described.
[[nodiscard]] std::string msg_text(const type_description_interfaces::IndividualTypeDescription& type);

[[nodiscard]] RosType describe(const RosStruct& type);

template <RosInterface T>
const RosType& ros_type() {
  static const RosType kType = [] {
    if constexpr (RosMessage<T>) {
      return describe(kRosStruct<T>);
    } else if constexpr (RosService<T>) {
      return describe(kRosStruct<ServiceMessages<T>>);
    } else {
      return describe(kRosStruct<ActionMessages<T>>);
    }
  }();
  return kType;
}

}  // namespace takt::messages
