#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "takt/bus/transport.hpp"
#include "takt/transports/dds/internal/drops.hpp"
#include "takt/transports/dds/internal/service_ends.hpp"
#include "takt/transports/dds/internal/service_peers.hpp"
#include "takt/transports/dds/internal/topic_endpoints.hpp"

namespace takt::dds {

/// Asks servers of either dialect: that of the servers that are matched. Where these differ, those of Cyclone; what the
/// others make of such a request is no answer, and is dropped.
class DdsClient {
 public:
  DdsClient(const Surroundings& around, const bus::ServiceEndpoint& service, bus::EndpointEvents events);
  ~DdsClient() { close(); }
  DdsClient(const DdsClient&) = delete;
  DdsClient& operator=(const DdsClient&) = delete;

  void close();
  void await_confirmed(core::Nanoseconds at_most) const { writer_.await_confirmed(at_most); }

  [[nodiscard]] Expected<bus::RequestId, bus::SendError> request(bus::Bytes bytes);
  [[nodiscard]] bool take(const bus::OnRequest& visit);
  [[nodiscard]] bus::Matched matched() const { return peers_.matched(); }
  /// Every server that was there is asked: that of the oldest request which one that is still there got.
  [[nodiscard]] std::int64_t lost_before() const { return peers_.heard_from(); }

 private:
  [[nodiscard]] std::optional<Dialect> dialect();
  void note(std::int64_t sequence, Dialect dialect);
  [[nodiscard]] bool asked_as(std::int64_t sequence, Dialect dialect) const;
  [[nodiscard]] std::vector<Mismatch> unreached();
  [[nodiscard]] RawEvents raw_events(bool with_data);

  std::string name_;
  std::string id_;
  std::atomic<bool> refused_{false};
  std::int64_t sent_{0};
  mutable std::mutex mutex_;
  std::map<std::int64_t, Dialect> asked_as_;  // the first request of each stretch in one dialect
  Drops drops_;                               // of who takes
  BareMessage bare_;
  mutable ServicePeers peers_;
  EndpointNotices notices_;
  RawWriter writer_;
  RawReader reader_;
  std::optional<Announcement> announcement_;
  Guid writer_guid_;
  Guid reader_guid_;
  std::uint64_t client_;  // what servers echo
};

}  // namespace takt::dds
