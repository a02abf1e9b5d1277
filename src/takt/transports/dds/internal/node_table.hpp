#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <dds/dds.h>

#include "takt/core/log.hpp"
#include "takt/transports/dds/internal/participant_info.hpp"
#include "takt/transports/dds/internal/raw_endpoints.hpp"
#include "takt/transports/dds/internal/work_thread.hpp"

namespace takt::dds {

/// The DDS ends of one endpoint: a topic's have one, a service's two.
struct Ends {
  std::vector<Guid> readers;
  std::vector<Guid> writers;
};

/// The nodes of this transport, and who of its endpoints is whose. Each change is told to all participants, as a whole:
/// the last that is told is the truth; what there was no room for is told again until there is. Any thread.
class NodeTable : public std::enable_shared_from_this<NodeTable> {
 public:
  using Write = std::function<Expected<void, bus::SendError>(bus::Bytes)>;

  /// @param retries  where it is tried again; outlives this
  NodeTable(const Guid& participant, WorkThread& retries, Write write);
  /// Tells on ros_discovery_info.
  [[nodiscard]] static std::shared_ptr<NodeTable> make(dds_entity_t participant, WorkThread& retries);

  /// @param name  fully qualified, "/ns/talker". @throws LogicError for a name that is not.
  void add(const std::string& name);
  /// Nothing when there is no such node.
  void remove(const std::string& name);

  /// A node that was not added is told for as long as it has ends. @throws LogicError for a name that is not one.
  void attach(const std::string& node, const Ends& ends);
  void detach(const std::string& node, const Ends& ends);

  [[nodiscard]] std::vector<NodeEntitiesInfo> nodes() const;

 private:
  [[nodiscard]] std::vector<NodeEntitiesInfo>::iterator find(const std::string& name);
  void tell();
  void tell_again();

  mutable std::mutex mutex_;  // held while telling, so that snapshots leave in order; no listener takes it
  Guid participant_;
  std::vector<NodeEntitiesInfo> nodes_;
  std::set<std::string> implied_;  // those of nodes_ that were not added
  WorkThread& retries_;
  bool retrying_{false};
  core::RateGate gate_;
  Write write_;
};

/// "/ns" and "talker" -> "/ns/talker".
[[nodiscard]] std::string full_name(const NodeEntitiesInfo& node);

}  // namespace takt::dds
