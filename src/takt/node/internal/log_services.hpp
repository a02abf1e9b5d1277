#pragma once

#include <memory>
#include <source_location>
#include <string>

#include "takt/core/log.hpp"
#include "takt/messages/packages/rcl_interfaces.hpp"
#include "takt/node/internal/node_core.hpp"
#include "takt/node/internal/publisher_core.hpp"
#include "takt/node/logger.hpp"

/// Internal to node.
namespace takt::node::internal {

/// What the loggers of ROS 2 call this node: "ns.node".
[[nodiscard]] std::string logger_name(const std::string& node);

/// Publishes on /rosout. Any thread, also while the node goes. A line that cannot be published is dropped: a voice that
/// fails ends nobody.
class Rosout {
 public:
  explicit Rosout(const std::shared_ptr<NodeCore>& node);
  void publish(const std::string& logger, core::LogLevel level, const std::string& text,
               const std::source_location& where) noexcept;

 private:
  std::shared_ptr<NodeCore> node_;  // with the Node
  std::shared_ptr<PublisherCore<rcl_interfaces::Log>> publisher_;
};

/// Makes the services get_logger_levels and set_logger_levels below the node. @param logger  must outlive them
void serve_logger_levels(const std::shared_ptr<NodeCore>& node, Logger& logger);

/// Makes the service get_type_description below the node: of the types that endpoints of this process have.
void serve_type_descriptions(const std::shared_ptr<NodeCore>& node);

}  // namespace takt::node::internal
