#pragma once

#include <memory>

#include "takt/messages/packages/rcl_interfaces.hpp"
#include "takt/node/internal/node_core.hpp"
#include "takt/node/internal/publisher_core.hpp"
#include "takt/node/parameters.hpp"

/// Internal to node.
namespace takt::node::internal {

/// The parameters of a node as others see and set them: /parameter_events, and the six services below the node.
class ParameterServices {
 public:
  /// From here on changes are published. @param parameters  must outlive what this makes
  ParameterServices(const std::shared_ptr<NodeCore>& node, Parameters& parameters);

  /// Makes the six services.
  void serve();

 private:
  void publish(const ParameterChange& change);
  void serve_looks();
  void serve_changes();

  std::shared_ptr<NodeCore> node_;  // with the Node
  Parameters& parameters_;
  std::shared_ptr<PublisherCore<rcl_interfaces::ParameterEvent>> events_;
  ParameterHook hook_;
};

}  // namespace takt::node::internal
