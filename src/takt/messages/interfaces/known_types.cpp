#include "takt/messages/interfaces/known_types.hpp"

#include <algorithm>

#include "takt/messages/interfaces/internal/known_type_of.hpp"

namespace takt::messages {
namespace {

std::vector<KnownType> all_types() {
  std::vector<KnownType> types;
  add_basic_types(types);
  add_geometry_types(types);
  add_node_types(types);
  add_robot_types(types);
  add_sensor_types(types);
  std::ranges::sort(types, {}, &KnownType::name);
  return types;
}

const KnownType* find_exactly(std::string_view name) {
  const auto types = known_types();
  const auto found = std::ranges::lower_bound(types, name, {}, &KnownType::name);
  return found != types.end() && found->name == name ? &*found : nullptr;
}

}  // namespace

std::span<const KnownType> known_types() {
  static const std::vector<KnownType> kTypes = all_types();
  return kTypes;
}

const KnownType* find_known_type(std::string_view name) {
  const auto slash = name.find('/');
  if (slash != std::string_view::npos && name.find('/', slash + 1) == std::string_view::npos) {
    return find_exactly(std::string(name.substr(0, slash)) + "/msg" + std::string(name.substr(slash)));
  }
  return find_exactly(name);
}

bool is_known_package(std::string_view package) {
  const std::string begin = std::string(package) + "/";
  const auto types = known_types();
  const auto found = std::ranges::lower_bound(types, std::string_view(begin), {}, &KnownType::name);
  return found != types.end() && found->name.starts_with(begin);
}

std::string interface_text(const KnownType& type) {
  if (type.constants != nullptr) {
    return type.constants() + msg_text(type.type().description.type_description);
  }
  const std::string name(type.name);
  const bool is_service = find_exactly(name + "_Request") != nullptr;
  const std::vector<const char*> parts =
      is_service ? std::vector{"_Request", "_Response"} : std::vector{"_Goal", "_Result", "_Feedback"};
  std::string text;
  for (const char* part : parts) {
    text += (text.empty() && part == parts.front() ? "" : "---\n") + interface_text(*find_exactly(name + part));
  }
  return text;
}

}  // namespace takt::messages
