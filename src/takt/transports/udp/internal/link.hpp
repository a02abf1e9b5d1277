#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "takt/bus/internal/bad_input.hpp"
#include "takt/transports/udp/internal/endpoints.hpp"
#include "takt/transports/udp/internal/peers.hpp"
#include "takt/transports/udp/internal/reassembly.hpp"
#include "takt/transports/udp/internal/socket.hpp"

namespace takt::udp::internal {

/// A publisher's own state. One thread at a time.
struct Writer {
  bus::TopicEndpoint topic;
  bus::internal::EndpointId id{};
  std::uint64_t sequence{0};       // of the last that was sent
  std::vector<std::byte> headers;  // kept for their memory
  std::vector<iovec> parts;
};

/// Everything of a UDP transport but its endpoints' objects: sockets, peers, the receive thread. Thread safe.
class Link {
 public:
  explicit Link(const UdpOptions& options);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  [[nodiscard]] Expected<void, bus::SendError> publish(Writer& writer, bus::Bytes bytes);
  [[nodiscard]] bus::internal::EndpointId make_id();
  [[nodiscard]] Readers& readers() noexcept { return readers_; }
  [[nodiscard]] const Socket& socket() const noexcept { return socket_; }
  [[nodiscard]] const UdpOptions& options() const noexcept { return options_; }
  [[nodiscard]] UdpStatistics statistics() const;

 private:
  void receive();
  void send_here();
  void on_datagram(bus::Bytes bytes, const Address& from);
  void on_fragment(const Datagram& datagram, const Address& from);
  /// To those found.
  void deliver(const Datagram& datagram, std::vector<std::byte> whole);
  void lay_out(Writer& writer, bus::Bytes bytes, std::size_t fragment_bytes) const;

  const UdpOptions options_;
  Socket socket_;
  Peers peers_;
  const std::uint64_t process_;
  std::atomic<std::uint64_t> last_endpoint_{0};
  std::atomic<std::uint64_t> unsent_{0};
  Readers readers_;
  bus::internal::BadInput bad_{"udp"};
  Reassembly reassembly_;
  std::vector<std::shared_ptr<Reader>>
      found_;  // of the datagram at hand; the receive thread's own, kept for its memory
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace takt::udp::internal
