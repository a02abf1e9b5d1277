#pragma once

#include <string>
#include <string_view>

#include "takt/messages/json_value.hpp"

namespace takt::app {

/// JSON, for people: as YAML in blocks, a line per value, the way ROS's tools show messages.
[[nodiscard]] std::string yaml_text(std::string_view json);
[[nodiscard]] std::string yaml_text(const messages::JsonValue& value);

}  // namespace takt::app
