#include "takt/node/internal/facilities.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <variant>

namespace takt::node::internal {

Facilities::Facilities(const std::shared_ptr<NodeCore>& node, const NodeOptions& options)
    : parameters_(node->name(), options.parameters),
      logger_(logger_name(node->name()),
              [this](core::LogLevel level, const std::string& text, const std::source_location& where) {
                if (rosout_) {
                  rosout_->publish(logger_.name(), level, text, where);
                }
              }) {
  if (options.parameter_services) {
    parameter_services_.emplace(node, parameters_);
  }
  if (options.rosout) {
    rosout_.emplace(node);
  }
  check_use_sim_time_ = parameters_.on_set([](std::span<const Parameter> parameters) -> std::optional<std::string> {
    const auto found = std::ranges::find(parameters, "use_sim_time", &Parameter::name);
    if (found == parameters.end() || found->value.index() == 0 || std::holds_alternative<bool>(found->value)) {
      return std::nullopt;
    }
    return "use_sim_time is a " + type_name(ParameterValue(true));
  });
  follow_use_sim_time_ = parameters_.on_changed([core = node.get()](const ParameterChange& change) {
    for (const auto& parameters : {change.added, change.changed}) {
      const auto found = std::ranges::find(parameters, "use_sim_time", &Parameter::name);
      if (found != parameters.end() && !core->destroyed()) {
        core->use_sim_time(std::get<bool>(found->value));  // what else it could be is refused
      }
    }
  });
  parameters_.declare("use_sim_time", options.use_sim_time, {.description = "the clock shows /clock"});
  if (options.declare_overrides) {
    for (const auto& [name, value] : options.parameters.overrides) {
      if (!parameters_.has(name)) {
        parameters_.declare(name, value);
      }
    }
  }
  if (options.parameter_services) {
    parameter_services_->serve();
  }
  if (options.logger_services) {
    serve_logger_levels(node, logger_);
  }
  const bool describes = parameters_.declare("start_type_description_service", options.type_description_service,
                                             {.description = "others can ask what the types are", .read_only = true});
  if (describes) {
    serve_type_descriptions(node);
  }
}

}  // namespace takt::node::internal
