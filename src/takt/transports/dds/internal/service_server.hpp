#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "takt/bus/transport.hpp"
#include "takt/core/log.hpp"
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
  void drop(std::string_view why);
  [[nodiscard]] std::vector<Mismatch> unservable() const;
  [[nodiscard]] RawEvents raw_events(bool with_data);

  std::string name_;
  std::string id_;
  std::atomic<bool> refused_{false};
  std::uint64_t dropped_{0};  // by who takes
  core::RateGate dropped_gate_;
  BareMessage bare_;
  mutable ServicePeers peers_;
  EndpointNotices notices_;
  RawWriter writer_;
  RawReader reader_;
  std::optional<Announcement> announcement_;
};

}  // namespace takt::dds
