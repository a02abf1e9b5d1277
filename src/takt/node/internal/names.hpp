#pragma once

#include <string>
#include <string_view>

/// Internal to node.
namespace takt::node::internal {

/// "/ns/name" of a node. @throws LogicError when either is not legal, naming both
[[nodiscard]] std::string full_node_name(std::string_view node_namespace, std::string_view name);

/// The fully qualified name that a topic or service of this node has: "/a" stays, "a" is below the node's namespace,
/// "~" and "~/a" are below the node, "{node}" and "{ns}" are replaced. @param node  fully qualified
/// @throws LogicError when the result is no legal name
[[nodiscard]] std::string resolve_name(std::string_view node, std::string_view name);

/// "/ns" of "/ns/name", "/" of "/name".
[[nodiscard]] std::string_view namespace_of(std::string_view node) noexcept;
/// "name" of "/ns/name".
[[nodiscard]] std::string_view base_name_of(std::string_view node) noexcept;

}  // namespace takt::node::internal
