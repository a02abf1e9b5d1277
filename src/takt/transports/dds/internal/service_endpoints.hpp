#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <vector>

#include "takt/bus/transport.hpp"
#include "takt/core/log.hpp"
#include "takt/transports/dds/internal/service_peers.hpp"
#include "takt/transports/dds/internal/topic_endpoints.hpp"

namespace takt::dds {

/// A message without the header that stood before its body: bytes in one piece, made anew for each.
class BareMessage {
 public:
  /// @pre read_service_header(message)
  [[nodiscard]] bus::Bytes without_header(bus::Bytes message);

 private:
  std::vector<std::byte> bytes_;
};

/// Asks servers of either dialect: that of the servers that are matched.
class DdsClient final : public bus::TransportClient {
 public:
  DdsClient(const Surroundings& around, const bus::ServiceEndpoint& service, bus::EndpointEvents events);
  ~DdsClient() override { notices_.stop(); }
  DdsClient(const DdsClient&) = delete;
  DdsClient& operator=(const DdsClient&) = delete;

  [[nodiscard]] Expected<bus::RequestId, bus::SendError> request(bus::Bytes bytes) override;
  [[nodiscard]] bool take(const bus::OnRequest& visit) override;
  [[nodiscard]] bus::Matched matched() const override { return peers_.matched(); }

 private:
  [[nodiscard]] std::optional<Dialect> dialect();
  [[nodiscard]] RawEvents raw_events(bool with_data);

  std::string id_;
  std::atomic<bool> refused_{false};
  std::int64_t sent_{0};
  BareMessage bare_;
  mutable ServicePeers peers_;
  EndpointNotices notices_;
  RawWriter writer_;
  RawReader reader_;
  Announcement announcement_;
  Guid writer_guid_;
  Guid reader_guid_;
  std::uint64_t client_;  // what servers echo
};

/// Answers in the dialect of Cyclone: Cyclone DDS has no way to send the other.
class DdsServer final : public bus::TransportServer {
 public:
  DdsServer(const Surroundings& around, const bus::ServiceEndpoint& service, bus::EndpointEvents events);
  ~DdsServer() override { notices_.stop(); }
  DdsServer(const DdsServer&) = delete;
  DdsServer& operator=(const DdsServer&) = delete;

  [[nodiscard]] bool take(const bus::OnRequest& visit) override;
  [[nodiscard]] Expected<void, bus::SendError> reply(const bus::RequestId& id, bus::Bytes bytes) override;
  [[nodiscard]] bus::Matched matched() const override { return peers_.matched(); }

 private:
  [[nodiscard]] std::vector<Mismatch> unservable() const;
  [[nodiscard]] RawEvents raw_events(bool with_data);

  std::string name_;
  std::string id_;
  std::atomic<bool> refused_{false};
  core::RateGate malformed_gate_;
  BareMessage bare_;
  mutable ServicePeers peers_;
  EndpointNotices notices_;
  RawWriter writer_;
  RawReader reader_;
  Announcement announcement_;
};

}  // namespace takt::dds
