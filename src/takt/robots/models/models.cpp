#include "takt/robots/models/models.hpp"

#include <array>

#include "takt/robots/models/fr3.hpp"
#include "takt/robots/models/so101.hpp"

namespace takt::robots::models {
namespace {

constexpr std::array<std::string_view, 2> kNames = {"fr3", "so101"};

}  // namespace

std::span<const std::string_view> model_names() noexcept {
  return kNames;
}

std::optional<control::ModelData> find_model(std::string_view name) {
  if (name == "fr3") {
    return fr3();
  }
  if (name == "so101") {
    return so101();
  }
  return std::nullopt;
}

}  // namespace takt::robots::models
