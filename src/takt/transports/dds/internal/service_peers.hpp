#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <dds/dds.h>

#include "takt/bus/transport.hpp"
#include "takt/transports/dds/internal/raw_endpoints.hpp"

namespace takt::dds {

/// How a request and its reply name each other.
enum class Dialect : std::uint8_t {
  kCyclone,  ///< 16 bytes before the body (rmw_cyclonedds, and all our own)
  kFast,     ///< the identity of the request's sample, in the reply's inline QoS (rmw_fastrtps)
};

/// One peer of a service: a server for a client, a client for a server. It writes to us and reads from us; `complete`
/// when both are matched.
struct ServicePeer {
  dds_instance_handle_t writer{0};  ///< of its writer, as dds_sample_info_t::publication_handle
  Guid guid{};                      ///< of its writer
  Dialect dialect{Dialect::kCyclone};
  bool complete{false};
  bool leaving{false};  ///< it was complete: the rest of it will go as well
};

/// Who is at the other end of a service: its writers and readers, paired. rmw_cyclonedds says in the USER_DATA of both
/// whose they are; of others those of one participant belong together. Any thread.
class ServicePeers {
 public:
  /// @param key  "serviceid" to find servers, "clientid" to find clients.
  /// @param reader, writer  Ours, which the peers write to and read from. They may be made later than this, but before
  /// anything but outdated() is called.
  ServicePeers(std::string key, const RawReader& reader, const RawWriter& writer)
      : key_(std::move(key)), reader_(reader), writer_(writer) {}

  /// The matches of our reader or writer have changed. Waits for nothing: for listeners.
  void outdated() noexcept { outdated_.store(true); }

  /// Who wrote this; nothing when it has gone. Who is not known is looked for once more: its match may be newer than
  /// what the listeners told.
  [[nodiscard]] std::optional<ServicePeer> find(dds_instance_handle_t writer);

  /// How to speak to the complete peers: as Cyclone does when one of them does; nothing when there are none.
  [[nodiscard]] std::optional<Dialect> dialect();

  [[nodiscard]] std::vector<ServicePeer> all();

  /// The complete ones that speak as dialect() says.
  [[nodiscard]] bus::Matched matched();

  /// Who completes from now on hears what has this number, and what comes after it. Numbers begin with 1.
  void say_from(std::int64_t number) noexcept { saying_.store(number); }
  /// Nobody who is there heard what has a lower number; but what was on its way when one completed, that one may have.
  /// Where servers of both dialects come and go, calls may count as heard by nobody that one is still at work on.
  [[nodiscard]] std::int64_t heard_from();

 private:
  void update();
  void choose_dialect();
  [[nodiscard]] std::optional<ServicePeer> known(dds_instance_handle_t writer) const;

  std::string key_;
  const RawReader& reader_;
  const RawWriter& writer_;
  std::atomic<bool> outdated_{true};
  std::mutex mutex_;
  std::vector<ServicePeer> peers_;
  std::optional<Dialect> dialect_;
  std::size_t reached_{0};
  std::atomic<std::int64_t> saying_{1};
  std::map<dds_instance_handle_t, std::int64_t> once_complete_;  // of those in peers_, with what each heard first
  std::size_t total_{0};
};

}  // namespace takt::dds
