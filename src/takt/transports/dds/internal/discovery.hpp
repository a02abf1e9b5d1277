#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <dds/dds.h>

#include "takt/bus/transport.hpp"
#include "takt/core/log.hpp"
#include "takt/transports/dds/internal/events.hpp"
#include "takt/transports/dds/internal/node_table.hpp"

namespace takt::dds {

/// One DDS reader or writer that is ours.
struct LocalEnd {
  bool writer{false};
  std::string topic;  ///< on DDS
  std::string type;   ///< on DDS
  TypeHash hash{};    ///< all zero: unknown
  bus::Qos qos;
  std::string node;  ///< fully qualified, or empty
};

/// A peer that will not be matched, and why, naming both ends.
struct Mismatch {
  Guid peer{};
  std::string reason;
};

/// What there is in the domain, as DDS's built-in topics and ros_discovery_info tell: kept up to date by their
/// listeners, on Cyclone DDS's threads, under one lock that nobody holds while calling out. Any thread.
class Discovery {
 public:
  Discovery(dds_entity_t participant, WorkThread& events, const NodeTable& own);
  ~Discovery();
  Discovery(const Discovery&) = delete;
  Discovery& operator=(const Discovery&) = delete;

  [[nodiscard]] bus::Graph graph() const;

  /// See bus::Transport::watch_graph.
  void watch(std::function<void()> on_change);

  /// What is told here changes the answer of graph() as well.
  void own_nodes_changed();

  /// Posts kPeersNotice whenever an end of this DDS topic appears, for as long as `notices` lives.
  void notify(const std::string& topic, const std::shared_ptr<Notices>& notices);

  /// The peers of `end` that will not be matched.
  [[nodiscard]] std::vector<Mismatch> mismatches(const LocalEnd& end) const;

 private:
  struct Participant {
    std::string enclave;                  // empty: not a program of ROS
    std::vector<NodeEntitiesInfo> nodes;  // empty for our own
    dds_time_t told_at{0};                // when it told so, by its own clock
  };
  struct End {
    bool writer{false};
    bool settled{false};         // its node is known, or will not be told
    dds_time_t announced_at{0};  // by the clock of its host
    Guid participant{};
    std::string topic;
    std::string type;
    bus::Qos qos;
    TypeHash hash{};
  };

  void take_participants(dds_entity_t reader);
  void take_ends(dds_entity_t reader, bool writers);
  void take_info();
  void appeared(const dds_builtintopic_endpoint_t& endpoint, dds_time_t announced_at, bool writer);
  /// @param teller  The writer it came from: a participant speaks for its own entities only.
  void learn(const ParticipantEntitiesInfo& info, const Guid& teller, dds_time_t told_at);
  [[nodiscard]] bool is_settled(const Guid& guid, const End& end) const;
  [[nodiscard]] std::string node_of(const Guid& end, const Guid& participant) const;
  void settle();
  void post_peers(const std::string& topic);
  void post_graph();

  const NodeTable& own_;
  WorkThread& events_;
  Guid self_;
  std::mutex taking_;  // of ros_discovery_info; before mutex_
  mutable std::mutex mutex_;
  std::map<Guid, Participant> participants_;
  std::map<Guid, End> ends_;
  std::multimap<std::string, std::weak_ptr<Notices>> interested_;
  std::shared_ptr<Notices> watch_;
  core::RateGate malformed_gate_;
  struct Readers;
  std::atomic<Readers*> listening_{nullptr};  // null while readers_ is being made, when its listeners may run already
  std::unique_ptr<Readers> readers_;          // last: their listeners need the others
};

}  // namespace takt::dds
