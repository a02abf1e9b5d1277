#pragma once

#include <optional>
#include <string>

#include "takt/bus/transport.hpp"

namespace takt::bus {

/// Why two endpoints of one name cannot be matched, naming both ends; empty when they can: their types have the same
/// name and the same hash where both are known, and the publisher offers what the subscription asks for.
[[nodiscard]] std::optional<std::string> find_mismatch(const TopicEndpoint& publisher,
                                                       const TopicEndpoint& subscription);
[[nodiscard]] std::optional<std::string> find_mismatch(const ServiceEndpoint& server, const ServiceEndpoint& client);

/// Equal by name, and by hash where both hashes are known.
[[nodiscard]] bool same_type(const TypeId& a, const TypeId& b) noexcept;

/// @throws LogicError when the quality of service asks for what the transport cannot do, naming endpoint and capability
void require_supported(const Qos& qos, Capabilities capabilities, const std::string& scheme, const std::string& name);

/// "std_srvs/srv/SetBool" of "std_srvs/srv/SetBool_Request": what EndpointInfo says of a service. Its hash is unknown.
[[nodiscard]] TypeId service_type(const TypeId& request);

}  // namespace takt::bus
