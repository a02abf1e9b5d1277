#pragma once

#include <string>

#include "takt/transports/dds/dds_transport.hpp"

namespace takt::dds {

/// What Cyclone DDS is configured with: XML, and `cyclone_config` behind it, where what comes later wins.
/// @throws ConfigError for options that make no sense.
[[nodiscard]] std::string cyclone_configuration(const DdsOptions& options);

}  // namespace takt::dds
