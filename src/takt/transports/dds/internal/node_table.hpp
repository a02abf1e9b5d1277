#pragma once

#include <mutex>
#include <string>
#include <vector>

#include <dds/dds.h>

#include "takt/transports/dds/internal/participant_info.hpp"
#include "takt/transports/dds/internal/raw_endpoints.hpp"

namespace takt::dds {

/// The DDS ends of one endpoint: a topic's have one, a service's two.
struct Ends {
  std::vector<Guid> readers;
  std::vector<Guid> writers;
};

/// The nodes of this transport, and who of its endpoints is whose. Each change is told to all participants, as a whole:
/// the last that is told is the truth. Any thread.
class NodeTable {
 public:
  explicit NodeTable(dds_entity_t participant);

  /// @param name  fully qualified, "/ns/talker". @throws LogicError for a name that is not.
  void add(const std::string& name);
  /// Nothing when there is no such node.
  void remove(const std::string& name);

  /// @throws LogicError when there is no node of this name; empty is none, and good.
  void require(const std::string& node) const;

  /// @pre require(node)
  void attach(const std::string& node, const Ends& ends);
  void detach(const std::string& node, const Ends& ends);

  [[nodiscard]] std::vector<NodeEntitiesInfo> nodes() const;

 private:
  [[nodiscard]] std::vector<NodeEntitiesInfo>::iterator find(const std::string& name);
  void tell();

  mutable std::mutex mutex_;  // held while telling, so that snapshots leave in order; no listener takes it
  Guid participant_;
  std::vector<NodeEntitiesInfo> nodes_;
  RawWriter writer_;
};

/// "/ns" and "talker" -> "/ns/talker".
[[nodiscard]] std::string full_name(const NodeEntitiesInfo& node);

}  // namespace takt::dds
