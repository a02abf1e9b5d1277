#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "takt/messages/cdr.hpp"
#include "takt/messages/interfaces/known_types.hpp"
#include "takt/messages/json.hpp"
#include "takt/messages/type_description.hpp"

/// How a declared type gets into the table of known types. The packages are spread over several source files, which
/// takes the compiler's memory and time apart.
namespace takt::messages {

template <RosMessage T>
Expected<std::string, DecodeError> known_json_from_cdr(std::span<const std::byte> message) {
  auto value = from_cdr<T>(message);
  if (!value) {
    return Unexpected(std::move(value.error()));
  }
  return to_json(*value);
}

template <RosMessage T>
Expected<std::vector<std::byte>, DecodeError> known_cdr_from_json(std::string_view text) {
  auto value = from_json<T>(text);
  if (!value) {
    return Unexpected(std::move(value.error()));
  }
  return to_cdr(*value);
}

/// "uint8", and "string" for a text.
template <class T>
std::string constant_type() {
  if constexpr (std::same_as<T, std::string_view>) {
    return "string";
  } else {
    return ros_type_text(RosForm<T>::kType);
  }
}

/// The static members that are described.
template <RosMessage T>
std::string known_constants() {
  std::string text;
  using boost::describe::mod_public;
  using boost::describe::mod_static;
  boost::mp11::mp_for_each<boost::describe::describe_members<T, mod_public | mod_static>>([&](auto member) {
    const auto& value = *member.pointer;
    text +=
        constant_type<std::remove_cvref_t<decltype(value)>>() + " " + member.name + "=" + ros_value_text(value) + "\n";
  });
  return text;
}

template <RosInterface T>
KnownType known_type() {
  KnownType known{.name = T::kRosName,
                  .type = &ros_type<T>,
                  .constants = nullptr,
                  .json_from_cdr = nullptr,
                  .cdr_from_json = nullptr};
  if constexpr (RosMessage<T>) {
    known.constants = &known_constants<T>;
    known.json_from_cdr = &known_json_from_cdr<T>;
    known.cdr_from_json = &known_cdr_from_json<T>;
  }
  return known;
}

template <RosInterface T>
void add_known(std::vector<KnownType>& types) {
  types.push_back(known_type<T>());
  if constexpr (RosService<T>) {
    add_known<typename T::Request>(types);
    add_known<typename T::Response>(types);
    add_known<ServiceEvent<T>>(types);
  } else if constexpr (RosAction<T>) {
    add_known<typename T::Goal>(types);
    add_known<typename T::Result>(types);
    add_known<typename T::Feedback>(types);
    add_known<SendGoal<T>>(types);
    add_known<GetResult<T>>(types);
    add_known<FeedbackMessage<T>>(types);
  }
}

template <RosInterface... Ts>
void add_all_known(std::vector<KnownType>& types) {
  (add_known<Ts>(types), ...);
}

void add_basic_types(std::vector<KnownType>& types);
void add_geometry_types(std::vector<KnownType>& types);
void add_sensor_types(std::vector<KnownType>& types);
void add_node_types(std::vector<KnownType>& types);
void add_robot_types(std::vector<KnownType>& types);

}  // namespace takt::messages
