#include "qos_options.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

namespace takt::app {
namespace {

using bus::Durability;
using bus::Reliability;

constexpr std::uint32_t kDepth = 100;

}  // namespace

void add_qos_options(CLI::App& app, QosOptions& options) {
  app.add_option("--qos-reliability", options.reliability, "reliable or best_effort")
      ->check(CLI::IsMember({"reliable", "best_effort"}));
  app.add_option("--qos-durability", options.durability, "volatile or transient_local")
      ->check(CLI::IsMember({"volatile", "transient_local"}));
  app.add_option("--qos-depth", options.depth, "messages kept for a slow reader; 0: all")->type_name("N");
}

bus::Qos qos_of(const QosOptions& options, bus::Qos otherwise) {
  bus::Qos qos = otherwise;
  if (options.reliability) {
    qos.reliability = *options.reliability == "reliable" ? Reliability::kReliable : Reliability::kBestEffort;
  }
  if (options.durability) {
    qos.durability = *options.durability == "volatile" ? Durability::kVolatile : Durability::kTransientLocal;
  }
  qos.depth = options.depth.value_or(qos.depth);
  return qos;
}

bus::Qos qos_for(const std::vector<bus::EndpointInfo>& publishers) {
  const auto all = [&](auto offers) { return !publishers.empty() && std::ranges::all_of(publishers, offers); };
  bus::Qos qos;
  qos.depth = kDepth;
  qos.reliability = all([](const bus::EndpointInfo& one) { return one.qos.reliability == Reliability::kReliable; })
                        ? Reliability::kReliable
                        : Reliability::kBestEffort;
  qos.durability = all([](const bus::EndpointInfo& one) { return one.qos.durability == Durability::kTransientLocal; })
                       ? Durability::kTransientLocal
                       : Durability::kVolatile;
  return qos;
}

std::string reliability_text(const bus::Qos& qos) {
  return qos.reliability == Reliability::kReliable ? "reliable" : "best_effort";
}

std::string durability_text(const bus::Qos& qos) {
  return qos.durability == Durability::kVolatile ? "volatile" : "transient_local";
}

}  // namespace takt::app
