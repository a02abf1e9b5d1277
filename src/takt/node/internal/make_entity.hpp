#pragma once

#include <memory>
#include <utility>

#include "takt/node/internal/node_core.hpp"

/// Internal to node.
namespace takt::node::internal {

/// Makes a part of the node, which keeps it. @throws LogicError when the node is destroyed
template <class Core, class... Args>
std::shared_ptr<Core> make_entity(const std::shared_ptr<NodeCore>& node, Args&&... args) {
  node->check_alive("a new entity");
  auto entity = std::make_shared<Core>(node, std::forward<Args>(args)...);
  node->add(entity);
  return entity;
}

}  // namespace takt::node::internal
