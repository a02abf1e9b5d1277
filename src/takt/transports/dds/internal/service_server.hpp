#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "takt/bus/transport.hpp"
#include "takt/transports/dds/internal/drops.hpp"
#include "takt/transports/dds/internal/service_ends.hpp"
#include "takt/transports/dds/internal/service_peers.hpp"
#include "takt/transports/dds/internal/topic_endpoints.hpp"

namespace takt::dds {

/// Answers in the dialect of Cyclone: Cyclone DDS has no way to send the other.
class DdsServer {
 public:
  DdsServer(const Surroundings& around, const bus::ServiceEndpoint& service, bus::EndpointEvents events);
  ~DdsServer() { notices_.stop(); }
  DdsServer(const DdsServer&) = delete;
  DdsServer& operator=(const DdsServer&) = delete;

  void close();
  void await_confirmed(core::Nanoseconds at_most) const { writer_.await_confirmed(at_most); }

  [[nodiscard]] bool take(const bus::OnRequest& visit);
  [[nodiscard]] Expected<void, bus::SendError> reply(const bus::RequestId& id, bus::Bytes bytes);
  [[nodiscard]] bus::Matched matched() const { return peers_.matched(); }

 private:
  [[nodiscard]] std::vector<Mismatch> unservable() const;
  [[nodiscard]] RawEvents raw_events(bool with_data);

  std::string name_;
  std::string id_;
  std::atomic<bool> refused_{false};
  Drops drops_;  // of who takes
  BareMessage bare_;
  mutable ServicePeers peers_;
  EndpointNotices notices_;
  RawWriter writer_;
  RawReader reader_;
  std::optional<Announcement> announcement_;
};

}  // namespace takt::dds
