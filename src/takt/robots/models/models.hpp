#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "takt/control/model/model_data.hpp"

namespace takt::robots::models {

/// Names of the robots whose published data takt carries ("fr3", "so101"), in a fixed order. Any thread.
[[nodiscard]] std::span<const std::string_view> model_names() noexcept;

/// The data of the robot called `name`; nothing when there is none, so that the caller can say where the name came
/// from.
[[nodiscard]] std::optional<control::ModelData> find_model(std::string_view name);

}  // namespace takt::robots::models
