#include "graph_report.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "takt/messages/json.hpp"
#include "takt/messages/type_description.hpp"

#include "qos_options.hpp"

namespace takt::app {

bool is_hidden(std::string_view name) {
  return name.find("/_") != std::string_view::npos;
}

std::vector<NameReport> reports_of(const node::Graph::NamesAndTypes& names, bool hidden) {
  std::vector<NameReport> reports;
  for (const auto& [name, types] : names) {
    if (hidden || !is_hidden(name)) {
      reports.push_back({.name = name, .types = {types.begin(), types.end()}});
    }
  }
  return reports;
}

EndpointReport report_of(const bus::EndpointInfo& endpoint) {
  const bool is_hash_known = std::ranges::any_of(endpoint.type.hash, [](std::uint8_t byte) { return byte != 0; });
  return {.node = endpoint.node,
          .type = endpoint.type.name,
          .hash = is_hash_known ? messages::rihs01_text(endpoint.type.hash) : "",
          .reliability = reliability_text(endpoint.qos),
          .durability = durability_text(endpoint.qos),
          .depth = endpoint.qos.depth,
          .id = fmt::format("{:02x}", fmt::join(endpoint.id, ""))};
}

std::vector<EndpointReport> reports_of(const std::vector<bus::EndpointInfo>& endpoints) {
  std::vector<EndpointReport> reports;
  std::ranges::transform(endpoints, std::back_inserter(reports), [](const auto& one) { return report_of(one); });
  return reports;
}

std::string types_text(const NameReport& report) {
  return fmt::format("{}", fmt::join(report.types, ", "));
}

void print_names(const std::vector<NameReport>& names, bool types, bool json) {
  if (json) {
    fmt::print("{}\n", messages::to_json(names));
    return;
  }
  for (const NameReport& one : names) {
    if (types) {
      fmt::print("{} [{}]\n", one.name, types_text(one));
    } else {
      fmt::print("{}\n", one.name);
    }
  }
}

}  // namespace takt::app
