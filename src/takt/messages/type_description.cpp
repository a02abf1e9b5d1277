#include "takt/messages/type_description.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <utility>

namespace takt::messages {
namespace {

using type_description_interfaces::Field;
using type_description_interfaces::FieldType;
using type_description_interfaces::IndividualTypeDescription;
using type_description_interfaces::TypeDescription;
using Descriptions = std::map<std::string_view, IndividualTypeDescription>;

FieldType field_type(const RosFieldType& type) {
  FieldType result;
  result.type_id = type.type_id;
  result.capacity = type.capacity;
  result.string_capacity = type.string_capacity;
  if (type.nested != nullptr) {
    result.nested_type_name = type.nested->name;
  }
  return result;
}

void describe_into(Descriptions& descriptions, const RosStruct& type) {
  const auto [at, added] = descriptions.try_emplace(type.name);
  if (!added) {
    return;
  }
  IndividualTypeDescription& description = at->second;
  description.type_name = type.name;
  for (const RosMember& member : type.members) {
    Field& field = description.fields.emplace_back();
    field.name = member.name;
    field.type = field_type(member.type);
    if (member.default_text != nullptr) {
      field.default_value = member.default_text();
    }
    if (member.type.nested != nullptr) {
      describe_into(descriptions, *member.type.nested);
    }
  }
  if (type.members.empty()) {
    Field& field = description.fields.emplace_back();
    field.name = kRosNoMember;
    field.type.type_id = RosTypeId::FIELD_TYPE_UINT8;
  }
}

// Names of ROS are letters, digits, '_' and '/': nothing to escape.
std::string quoted(std::string_view text) {
  return '"' + std::string(text) + '"';
}

std::string text_of(const Field& field) {
  return R"({"name": )" + quoted(field.name) + R"(, "type": {"type_id": )" + std::to_string(field.type.type_id) +
         R"(, "capacity": )" + std::to_string(field.type.capacity) + R"(, "string_capacity": )" +
         std::to_string(field.type.string_capacity) + R"(, "nested_type_name": )" +
         quoted(field.type.nested_type_name.view()) + "}}";
}

std::string text_of(const IndividualTypeDescription& description) {
  std::string text = R"({"type_name": )" + quoted(description.type_name.view()) + R"(, "fields": [)";
  const char* separator = "";
  for (const Field& field : description.fields) {
    text += std::exchange(separator, ", ") + text_of(field);
  }
  return text + "]}";
}

constexpr std::array<const char*, RosTypeId::FIELD_TYPE_BOUNDED_STRING + 1> kTypeNames = {
    "",        "",         "int8", "uint8", "int16", "uint16", "int32",  "uint32",  "int64",  "uint64",  "float32",
    "float64", "float128", "char", "wchar", "bool",  "byte",   "string", "wstring", "string", "wstring", "string"};

}  // namespace

RosType describe(const RosStruct& type) {
  Descriptions descriptions;
  describe_into(descriptions, type);
  RosType described;
  described.name = type.name;
  described.description.type_description = std::move(descriptions.extract(type.name).mapped());
  for (auto& [name, description] : descriptions) {
    described.description.referenced_type_descriptions.push_back(std::move(description));
  }
  described.hash = sha256(hashed_text(described.description));
  return described;
}

std::string hashed_text(const TypeDescription& description) {
  std::string text =
      R"({"type_description": )" + text_of(description.type_description) + R"(, "referenced_type_descriptions": [)";
  const char* separator = "";
  for (const IndividualTypeDescription& referenced : description.referenced_type_descriptions) {
    text += std::exchange(separator, ", ") + text_of(referenced);
  }
  return text + "]}";
}

std::string ros_type_text(const FieldType& type) {
  const unsigned many = type.type_id / kRosArray * kRosArray;
  std::string text = kTypeNames.at(type.type_id - many);
  if (!type.nested_type_name.empty()) {
    text = type.nested_type_name.view();
    const auto folder = text.find("/msg/");
    text = folder == std::string::npos ? text : text.erase(folder, 4);
  }
  text += type.string_capacity == 0 ? "" : "<=" + std::to_string(type.string_capacity);
  const std::string capacity = std::to_string(type.capacity);
  return many == 0                     ? text
         : many == kRosArray           ? text + "[" + capacity + "]"
         : many == kRosBoundedSequence ? text + "[<=" + capacity + "]"
                                       : text + "[]";
}

std::string ros_type_text(const RosFieldType& type) {
  return ros_type_text(field_type(type));
}

std::string msg_text(const IndividualTypeDescription& type) {
  std::string text;
  for (const Field& field : type.fields) {
    if (field.name != kRosNoMember) {
      text += ros_type_text(field.type) + " " + field.name;
      text += field.default_value.empty() ? "\n" : " " + field.default_value + "\n";
    }
  }
  return text;
}

std::string rihs01_text(const Sha256& hash) {
  std::string text = "RIHS01_";
  for (const std::uint8_t byte : hash) {
    text += "0123456789abcdef"[byte >> 4U];
    text += "0123456789abcdef"[byte & 15U];
  }
  return text;
}

}  // namespace takt::messages
