#pragma once

#include <memory>
#include <optional>

#include "takt/node/internal/log_services.hpp"
#include "takt/node/internal/node_core.hpp"
#include "takt/node/internal/parameter_services.hpp"
#include "takt/node/logger.hpp"
#include "takt/node/node.hpp"
#include "takt/node/parameters.hpp"

/// Internal to node.
namespace takt::node::internal {

/// What every node has without asking: parameters, a logger, and how others reach them. Owned by the Node; outlives the
/// entities that it makes, since the Node outlives its block.
class Facilities {
 public:
  Facilities(const std::shared_ptr<NodeCore>& node, const NodeOptions& options);
  Facilities(const Facilities&) = delete;
  Facilities& operator=(const Facilities&) = delete;

  [[nodiscard]] Parameters& parameters() noexcept { return parameters_; }
  [[nodiscard]] Logger& logger() noexcept { return logger_; }

 private:
  Parameters parameters_;
  std::optional<ParameterServices> parameter_services_;
  std::optional<Rosout> rosout_;
  Logger logger_;
  ParameterHook check_use_sim_time_;
  ParameterHook follow_use_sim_time_;
};

}  // namespace takt::node::internal
