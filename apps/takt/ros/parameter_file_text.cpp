#include <algorithm>
#include <map>
#include <ranges>

#include "parameter_file.hpp"
#include "parameter_value.hpp"

namespace takt::app {
namespace {

/// Names of more parts than this are written in one, as those are of which a part is empty.
constexpr std::size_t kMaxParts = 32;

/// Parameters by the parts of their names.
struct Tree {
  const ParameterValue* value{nullptr};
  std::map<std::string, Tree> below;
};

/// @param name  how it is called where it stands: its part of the whole name, or several where what is above it has a
/// value and so cannot have names below
void write_tree(std::string& out, const Tree& tree, const std::string& name, std::size_t indent) {
  if (tree.value != nullptr) {
    out += std::string(indent, ' ') + yaml_of(name) + ": " + yaml_of(*tree.value) + "\n";
  } else {
    out += std::string(indent, ' ') + yaml_of(name) + ":\n";
  }
  for (const auto& [part, below] : tree.below) {
    const bool flat = tree.value != nullptr;
    std::string called = flat ? name + "." : std::string();
    called += part;
    write_tree(out, below, called, flat ? indent : indent + 2);
  }
}

/// Of a name with dots.
Tree& place_of(Tree& root, const std::string& name) {
  std::vector<std::string> parts;
  for (const auto part : std::views::split(name, '.')) {
    parts.emplace_back(part.begin(), part.end());
  }
  if (parts.size() > kMaxParts || std::ranges::find(parts, "") != parts.end()) {
    parts = {name};
  }
  Tree* place = &root;
  for (const std::string& part : parts) {
    place = &place->below[part];
  }
  return *place;
}

}  // namespace

std::string parameter_file_text(const std::string& node, const std::vector<rcl_interfaces::Parameter>& parameters) {
  Tree root;
  for (const auto& parameter : parameters) {
    place_of(root, parameter.name).value = &parameter.value;
  }
  std::string out = yaml_of(node) + ":\n  ros__parameters:" + (parameters.empty() ? " {}\n" : "\n");
  for (const auto& [part, below] : root.below) {
    write_tree(out, below, part, 4);
  }
  return out;
}

}  // namespace takt::app
