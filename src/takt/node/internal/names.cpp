#include "takt/node/internal/names.hpp"

#include "takt/bus/bus.hpp"
#include "takt/core/error.hpp"

namespace takt::node::internal {
namespace {

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

std::string below(std::string_view parent, std::string_view child) {
  return std::string(parent == "/" ? "" : parent) + "/" + std::string(child);
}

bool is_legal(std::string_view name) noexcept {
  return bus::is_legal_topic_name(name) && name.find("__") == std::string_view::npos;
}

}  // namespace

std::string full_node_name(std::string_view node_namespace, std::string_view name) {
  std::string absolute(node_namespace.empty() ? "/" : node_namespace);
  if (absolute.front() != '/') {
    absolute.insert(absolute.begin(), '/');
  }
  std::string full = below(absolute, name);
  if (!is_legal(full) || name.find('/') != std::string_view::npos) {
    throw LogicError("node name '" + std::string(name) + "' in namespace '" + std::string(node_namespace) +
                     "' is not legal: want letters, digits and single '_', the namespace as '/a/b'");
  }
  return full;
}

std::string_view namespace_of(std::string_view node) noexcept {
  const std::size_t slash = node.rfind('/');
  return slash == 0 || slash == std::string_view::npos ? std::string_view("/") : node.substr(0, slash);
}

std::string_view base_name_of(std::string_view node) noexcept {
  return node.substr(node.rfind('/') + 1);
}

std::string resolve_name(std::string_view node, std::string_view name) {
  std::string text(name);
  replace_all(text, "{node}", base_name_of(node));
  replace_all(text, "{ns}", namespace_of(node));
  if (text == "~") {
    text = node;
  } else if (text.starts_with("~/")) {
    text = below(node, std::string_view(text).substr(2));
  } else if (!text.starts_with("/")) {
    text = below(namespace_of(node), text);
  }
  if (!is_legal(text)) {
    throw LogicError("name '" + std::string(name) + "' of node " + std::string(node) + " is not legal: it becomes '" +
                     text + "'; want '/a/b', 'a' or '~/a' of letters, digits and single '_'");
  }
  return text;
}

}  // namespace takt::node::internal
