#include "takt/node/internal/parameter_messages.hpp"

#include <type_traits>

namespace takt::node::internal {
namespace {

using Message = rcl_interfaces::ParameterValue;

// One per alternative of ParameterValue.
void store(Message& /*message*/, std::monostate /*not set*/) {}
void store(Message& message, bool value) {
  message.bool_value = value;
}
void store(Message& message, std::int64_t value) {
  message.integer_value = value;
}
void store(Message& message, double value) {
  message.double_value = value;
}
void store(Message& message, const std::string& value) {
  message.string_value = value;
}
void store(Message& message, const std::vector<std::byte>& value) {
  message.byte_array_value = value;
}
void store(Message& message, const std::vector<bool>& value) {
  message.bool_array_value = value;
}
void store(Message& message, const std::vector<std::int64_t>& value) {
  message.integer_array_value = value;
}
void store(Message& message, const std::vector<double>& value) {
  message.double_array_value = value;
}
void store(Message& message, const std::vector<std::string>& value) {
  message.string_array_value = value;
}

}  // namespace

Message to_message(const ParameterValue& value) {
  Message message;
  message.type = static_cast<std::uint8_t>(value.index());
  std::visit([&](const auto& alternative) { store(message, alternative); }, value);
  return message;
}

rcl_interfaces::Parameter to_message(const Parameter& parameter) {
  return {.name = parameter.name, .value = to_message(parameter.value)};
}

std::vector<rcl_interfaces::Parameter> to_messages(const std::vector<Parameter>& parameters) {
  std::vector<rcl_interfaces::Parameter> messages;
  messages.reserve(parameters.size());
  for (const Parameter& parameter : parameters) {
    messages.push_back(to_message(parameter));
  }
  return messages;
}

rcl_interfaces::ParameterDescriptor to_message(const std::string& name, const ParameterValue& value,
                                               const ParameterDescriptor& descriptor) {
  rcl_interfaces::ParameterDescriptor message;
  message.name = name;
  message.type = static_cast<std::uint8_t>(value.index());
  message.description = descriptor.description;
  message.additional_constraints = descriptor.additional_constraints;
  message.read_only = descriptor.read_only;
  message.dynamic_typing = descriptor.dynamic_typing;
  if (const auto& range = descriptor.floating_point_range) {
    message.floating_point_range.push_back({.from_value = range->from, .to_value = range->to, .step = range->step});
  }
  if (const auto& range = descriptor.integer_range) {
    message.integer_range.push_back(
        {.from_value = range->from, .to_value = range->to, .step = static_cast<std::uint64_t>(range->step)});
  }
  return message;
}

std::optional<ParameterValue> from_message(const Message& message) {
  using Type = rcl_interfaces::ParameterType;
  switch (message.type) {
    case Type::PARAMETER_NOT_SET:
      return ParameterValue{};
    case Type::PARAMETER_BOOL:
      return ParameterValue(message.bool_value);
    case Type::PARAMETER_INTEGER:
      return ParameterValue(message.integer_value);
    case Type::PARAMETER_DOUBLE:
      return ParameterValue(message.double_value);
    case Type::PARAMETER_STRING:
      return ParameterValue(message.string_value);
    case Type::PARAMETER_BYTE_ARRAY:
      return ParameterValue(message.byte_array_value);
    case Type::PARAMETER_BOOL_ARRAY:
      return ParameterValue(message.bool_array_value);
    case Type::PARAMETER_INTEGER_ARRAY:
      return ParameterValue(message.integer_array_value);
    case Type::PARAMETER_DOUBLE_ARRAY:
      return ParameterValue(message.double_array_value);
    case Type::PARAMETER_STRING_ARRAY:
      return ParameterValue(message.string_array_value);
    default:
      return std::nullopt;
  }
}

builtin_interfaces::Time to_message(core::Nanoseconds time_ns) noexcept {
  return {.sec = static_cast<std::int32_t>(time_ns / core::kNanosecondsPerSecond),
          .nanosec = static_cast<std::uint32_t>(time_ns % core::kNanosecondsPerSecond)};
}

}  // namespace takt::node::internal
