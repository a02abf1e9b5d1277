#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "takt/bus/transport.hpp"
#include "takt/core/log.hpp"
#include "takt/messages/cdr_form.hpp"
#include "takt/messages/decode_error.hpp"
#include "takt/node/internal/local_graph.hpp"
#include "takt/node/internal/node_core.hpp"
#include "takt/node/internal/type_id.hpp"

/// Internal to node: what the endpoints of an entity have in common.
namespace takt::node::internal {

/// Stands in the graph for as long as it lives.
class Listed {
 public:
  Listed(LocalGraph& graph, bus::EndpointInfo endpoint) : graph_(&graph), number_(graph.add(std::move(endpoint))) {}
  Listed(const Listed&) = delete;
  Listed& operator=(const Listed&) = delete;
  ~Listed() { graph_->remove(number_); }

 private:
  LocalGraph* graph_;
  std::uint64_t number_;
};

/// Messages that were none: counted, the first one named. Any thread.
class Malformed {
 public:
  /// @param where  "/scan"
  void count(std::string_view where, const messages::DecodeError& error) noexcept;
  [[nodiscard]] std::uint64_t count() const noexcept { return count_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> count_{0};
};

/// The transports that an endpoint of this node is opened on: those with that capability. @param encodable  its type
/// has a wire form @throws LogicError when it has none and there are transports, unless it is to stay in this process
[[nodiscard]] std::vector<std::shared_ptr<bus::Transport>> transports_for(const NodeCore& node,
                                                                          bus::Capability capability,
                                                                          std::string_view name, std::string_view type,
                                                                          bool encodable, bool in_process_only);

/// Logs that `what` of this name ("client") reaches this process only, when the node has transports and none of them
/// carries requests: they are best effort, as udp is.
void warn_without_requests(const NodeCore& node, std::string_view what, const std::string& name);

/// `qos` without what a transport of these capabilities cannot do.
[[nodiscard]] bus::Qos weakened(bus::Qos qos, bus::Capabilities capabilities) noexcept;

/// `qos` of a reader as that transport can serve it; what it cannot is logged.
[[nodiscard]] bus::Qos reader_qos(const NodeCore& node, const std::string& topic, const bus::Qos& qos,
                                  const bus::Transport& transport);

/// What stands for "all" where a depth of 0 asks for it: a bound all the same.
inline constexpr std::uint32_t kKeepAllBound = 100'000;

/// Malformed messages that are dropped in one go, before others have their turn.
inline constexpr int kMostMalformed = 64;

/// Events that tell the graph of matches and log what is incompatible.
[[nodiscard]] bus::EndpointEvents graph_events(const NodeCore& node);

}  // namespace takt::node::internal
