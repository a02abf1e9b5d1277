#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "takt/bus/transport.hpp"

namespace CLI {
class App;
}

namespace takt::app {

/// Quality of service as ROS's tools have it on their command line; what is not said is chosen.
struct QosOptions {
  std::optional<std::string> reliability;  ///< "reliable", "best_effort"
  std::optional<std::string> durability;   ///< "volatile", "transient_local"
  std::optional<std::uint32_t> depth;
};

void add_qos_options(CLI::App& app, QosOptions& options);

/// What is said, and `otherwise` for the rest.
[[nodiscard]] bus::Qos qos_of(const QosOptions& options, bus::Qos otherwise);

/// What a subscription asks for so that it hears all of these publishers, as reliably as they offer.
[[nodiscard]] bus::Qos qos_for(const std::vector<bus::EndpointInfo>& publishers);

[[nodiscard]] std::string reliability_text(const bus::Qos& qos);
[[nodiscard]] std::string durability_text(const bus::Qos& qos);

}  // namespace takt::app
