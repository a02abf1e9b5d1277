#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>

#include "takt/core/bounded_vector.hpp"
#include "takt/core/fixed_string.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/messages/described.hpp"
#include "takt/messages/packages/type_description_interfaces.hpp"
#include "takt/messages/ros_value_text.hpp"

/// What a described struct is in ROS 2: constant data, made by the compiler.
///
///   bool, integers, float, double, std::byte, enum    bool, int8 … uint64, float32, float64, byte, the underlying type
///   std::string, core::FixedString<N>                 string, string<=N-1
///   a RosMessage                                      a message
///   std::array<T, N>                                  T[N]
///   std::vector<T>                                    T[]
///   core::BoundedVector<T, N>, std::optional<T>       T[<=N], T[<=1]
///   core::JointVector                                 float64[<=16]
///
/// The same table with their bytes is in docs/formats/cdr.md. Any other type is a compile error that names it.
namespace takt::messages {

/// A described struct that says what it is called in ROS: `static constexpr std::string_view kRosName =
/// "std_msgs/msg/String"`. Every message says its own name, those of a service ("std_srvs/srv/SetBool_Request") too, so
/// that what handles one message needs to know of nothing around it.
template <class T>
concept RosMessage = Described<T> && requires {
  { T::kRosName } -> std::convertible_to<std::string_view>;
};

struct RosStruct;

/// The type of one member: the numbers of type_description_interfaces/msg/FieldType.
struct RosFieldType {
  std::uint8_t type_id{0};
  std::uint64_t capacity{0};         ///< elements, of an array or bounded sequence
  std::uint64_t string_capacity{0};  ///< bytes, of a bounded string
  const RosStruct* nested{nullptr};  ///< the message that it consists of
};

struct RosMember {
  std::string_view name;
  RosFieldType type;
  /// The value it begins with, as .msg has it; empty when that is zero, false or nothing. Null for a message.
  std::string (*default_text)(){nullptr};
};

/// A message with its members; lives as long as the program.
struct RosStruct {
  std::string_view name;
  std::span<const RosMember> members;
};

/// Named in the compiler's message when a T is used that ROS has no type for.
template <class T>
inline constexpr bool kRosHasTypeFor = false;

template <class T>
struct RosForm {
  static_assert(kRosHasTypeFor<T>,
                "ROS has no such type: describe the struct and give it a kRosName, or choose another");
};

/// The members that travel, in their order.
template <RosMessage T>
using RosMembers = boost::describe::describe_members<T, static_cast<unsigned>(boost::describe::mod_any_access) |
                                                            static_cast<unsigned>(boost::describe::mod_inherited) |
                                                            static_cast<unsigned>(boost::describe::mod_hidden)>;

template <RosMessage T, class Member>
using RosMemberType = std::remove_cvref_t<decltype(std::declval<T&>().*Member::pointer)>;

template <RosMessage T, class Member>
std::string ros_default_text() {
  const T value{};
  const auto& member = value.*Member::pointer;
  return member == RosMemberType<T, Member>{} ? "" : ros_value_text(member);
}

template <RosMessage T, class Member>
consteval RosMember ros_member() {
  RosMember member{
      .name = wire_name(Member::name), .type = RosForm<RosMemberType<T, Member>>::kType, .default_text = nullptr};
  if constexpr (RosForm<RosMemberType<T, Member>>::kType.nested == nullptr) {
    member.default_text = &ros_default_text<T, Member>;
  }
  return member;
}

template <RosMessage T>
inline constexpr auto kRosMembers = [] {
  constexpr std::size_t kCount = boost::mp11::mp_size<RosMembers<T>>::value;
  std::array<RosMember, kCount> members{};
  std::size_t i = 0;
  boost::mp11::mp_for_each<RosMembers<T>>([&](auto member) { members[i++] = ros_member<T, decltype(member)>(); });
  return members;
}();

template <RosMessage T>
inline constexpr RosStruct kRosStruct = {.name = T::kRosName, .members = kRosMembers<T>};

// --- the table above -------------------------------------------------------------------------------------------------

using RosTypeId = type_description_interfaces::FieldType;

/// From the number of a type to the number of an array or sequence of it.
inline constexpr std::uint8_t kRosArray = RosTypeId::FIELD_TYPE_INT8_ARRAY - RosTypeId::FIELD_TYPE_INT8;
inline constexpr std::uint8_t kRosBoundedSequence =
    RosTypeId::FIELD_TYPE_INT8_BOUNDED_SEQUENCE - RosTypeId::FIELD_TYPE_INT8;
inline constexpr std::uint8_t kRosUnboundedSequence =
    RosTypeId::FIELD_TYPE_INT8_UNBOUNDED_SEQUENCE - RosTypeId::FIELD_TYPE_INT8;

/// Many of `element`. ROS has no arrays of arrays.
[[nodiscard]] consteval RosFieldType ros_many(RosFieldType element, std::uint8_t kind, std::uint64_t capacity) {
  if (element.type_id >= kRosArray) {
    throw "ROS has no arrays of arrays: put the inner one into a message of its own";
  }
  element.type_id = static_cast<std::uint8_t>(element.type_id + kind);
  element.capacity = capacity;
  return element;
}

template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char>)
struct RosForm<T> {
  static constexpr RosFieldType kType = {
      .type_id = static_cast<std::uint8_t>((sizeof(T) == 1   ? RosTypeId::FIELD_TYPE_INT8
                                            : sizeof(T) == 2 ? RosTypeId::FIELD_TYPE_INT16
                                            : sizeof(T) == 4 ? RosTypeId::FIELD_TYPE_INT32
                                                             : RosTypeId::FIELD_TYPE_INT64) +
                                           (std::is_signed_v<T> ? 0 : 1))};
};
template <>
struct RosForm<bool> {
  static constexpr RosFieldType kType = {.type_id = RosTypeId::FIELD_TYPE_BOOLEAN};
};
template <>
struct RosForm<char> {
  static constexpr RosFieldType kType = {.type_id = RosTypeId::FIELD_TYPE_CHAR};
};
template <>
struct RosForm<float> {
  static constexpr RosFieldType kType = {.type_id = RosTypeId::FIELD_TYPE_FLOAT};
};
template <>
struct RosForm<double> {
  static constexpr RosFieldType kType = {.type_id = RosTypeId::FIELD_TYPE_DOUBLE};
};
template <>
struct RosForm<std::byte> {
  static constexpr RosFieldType kType = {.type_id = RosTypeId::FIELD_TYPE_BYTE};
};
template <>
struct RosForm<std::string> {
  static constexpr RosFieldType kType = {.type_id = RosTypeId::FIELD_TYPE_STRING};
};
template <std::size_t N>
struct RosForm<core::FixedString<N>> {
  static constexpr RosFieldType kType = {.type_id = RosTypeId::FIELD_TYPE_BOUNDED_STRING,
                                         .string_capacity = core::FixedString<N>::kCapacity};
};
template <class E>
  requires std::is_enum_v<E>
struct RosForm<E> : RosForm<std::underlying_type_t<E>> {};
template <RosMessage T>
struct RosForm<T> {
  static constexpr RosFieldType kType = {.type_id = RosTypeId::FIELD_TYPE_NESTED_TYPE, .nested = &kRosStruct<T>};
};
template <class T, std::size_t N>
struct RosForm<std::array<T, N>> {
  static constexpr RosFieldType kType = ros_many(RosForm<T>::kType, kRosArray, N);
};
template <class T>
struct RosForm<std::vector<T>> {
  static constexpr RosFieldType kType = ros_many(RosForm<T>::kType, kRosUnboundedSequence, 0);
};
template <class T, std::size_t N>
struct RosForm<core::BoundedVector<T, N>> {
  static constexpr RosFieldType kType = ros_many(RosForm<T>::kType, kRosBoundedSequence, N);
};
template <class T>
struct RosForm<std::optional<T>> : RosForm<core::BoundedVector<T, 1>> {};
template <>
struct RosForm<core::JointVector> : RosForm<core::BoundedVector<double, core::kMaxJoints>> {};

}  // namespace takt::messages
