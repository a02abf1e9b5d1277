#include "message_type.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <utility>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/core/error.hpp"
#include "takt/messages/cdr.hpp"
#include "takt/messages/interfaces/known_types.hpp"
#include "takt/messages/packages/type_description_interfaces.hpp"

#include "raw_endpoints.hpp"
#include "typed_call.hpp"

namespace takt::app {
namespace {

using namespace std::chrono_literals;
using messages::DynamicType;
using type_description_interfaces::GetTypeDescription;
using type_description_interfaces::TypeDescription;

/// For a node to describe a type; it has it at hand.
constexpr async::Duration kAnswer = 2s;
/// For discovery to tell of a node and its services.
constexpr async::Duration kShow = 2s;

/// "std_srvs/SetBool" -> "std_srvs/srv/SetBool" when such a service is shipped.
const messages::KnownType* find_shipped(const std::string& name) {
  const messages::KnownType* const known = messages::find_known_type(name);
  const std::size_t slash = name.find('/');
  return known != nullptr || slash == std::string::npos || slash != name.rfind('/')
             ? known
             : messages::find_known_type(name.substr(0, slash) + "/srv" + name.substr(slash));
}

/// Nothing when the node does not answer, or does not know.
async::Task<std::optional<TypeDescription>> ask_node(const BusSession& session, const std::string& node,
                                                     const bus::TypeId& type) {
  const bool is_hash_known = std::ranges::any_of(type.hash, [](std::uint8_t byte) { return byte != 0; });
  GetTypeDescription::Request request;
  request.type_name = type.name;
  request.type_hash = is_hash_known ? messages::rihs01_text(type.hash) : "";
  request.include_type_sources = false;
  auto service = endpoint_of<GetTypeDescription>(session, node + "/get_type_description");
  const auto reply =
      co_await async::with_timeout(kAnswer, call_raw(session, std::move(service), messages::to_cdr(request)));
  if (!reply) {
    co_return std::nullopt;
  }
  auto response = messages::from_cdr<GetTypeDescription::Response>(*reply);
  if (!response || !response->successful) {
    co_return std::nullopt;
  }
  co_return std::move(response->type_description);
}

/// Nodes that have the type and the service to describe it.
std::map<std::string, bus::TypeId> describers_of(const node::Graph& graph, const TypeQuery& query) {
  std::map<std::string, bus::TypeId> nodes;
  for (const bus::EndpointInfo& one : query.endpoints(graph)) {
    if (one.type.name == query.name && !graph.servers(one.node + "/get_type_description").empty()) {
      nodes.emplace(one.node, one.type);
    }
  }
  return nodes;
}

DynamicType described(const TypeDescription& description, const std::string& name) {
  auto type = DynamicType::from(description, name);
  if (!type) {
    throw ConfigError("type " + name, 0, "", type.error());
  }
  return std::move(*type);
}

}  // namespace

bool is_shipped(const std::string& name) {
  return find_shipped(name) != nullptr;
}

async::Task<DynamicType> find_type(BusSession& session, TypeQuery query) {
  if (const auto* const shipped = find_shipped(query.name)) {
    co_return described(shipped->type().description, std::string(shipped->name) + query.part);
  }
  const auto describers = [&query](const node::Graph& graph) { return describers_of(graph, query); };
  const auto is_one_there = [&](const node::Graph& graph) { return !describers(graph).empty(); };
  static_cast<void>(co_await session.wait_for(is_one_there, kShow));
  for (const auto& [node, type] : describers(session.graph())) {
    const auto description = co_await ask_node(session, node, type);
    if (description) {
      co_return described(*description, query.name + query.part);
    }
  }
  throw ConfigError("type '" + query.name + "'", 0, "",
                    "takt does not ship it (takt interface list), and no node that has it describes it");
}

std::vector<bus::EndpointInfo> endpoints_of(const node::Graph& graph, const std::string& topic) {
  auto all = graph.publishers(topic);
  const auto more = graph.subscriptions(topic);
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

bus::TypeId id_of(const DynamicType& type) {
  return {.name = type.name(), .hash = type.hash()};
}

std::string common_type(const std::string& name, const std::vector<bus::EndpointInfo>& endpoints) {
  std::set<std::string> types;
  std::string all;
  for (const bus::EndpointInfo& endpoint : endpoints) {
    if (types.insert(endpoint.type.name).second) {
      all += (all.empty() ? "" : ", ") + endpoint.type.name;
    }
  }
  if (types.size() != 1) {
    throw ConfigError(name, 0, "", "has several types: " + all + "; say which");
  }
  return all;
}

std::vector<std::byte> bytes_of(const DynamicType& type, const std::string& values) {
  auto bytes = type.cdr_from_json(values);
  if (!bytes) {
    throw ConfigError("VALUES", 0, bytes.error().path, bytes.error().what + ", for a " + type.name());
  }
  return std::move(*bytes);
}

}  // namespace takt::app
