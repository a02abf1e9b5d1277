#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <netinet/in.h>
#include <sys/uio.h>

#include "takt/async/internal/file_descriptor.hpp"
#include "takt/bus/transport.hpp"
#include "takt/transports/udp/udp_transport.hpp"

namespace takt::udp::internal {

using Address = sockaddr_in;

/// "10.0.0.5:7400".
[[nodiscard]] std::string text_of(const Address& address);
[[nodiscard]] bool same(const Address& one, const Address& other) noexcept;

/// The sockets of a transport: one to receive, and one to send, which is the same without a group. Sending may come
/// from any thread, receiving from one.
class Socket {
 public:
  /// @throws LogicError, SystemError as open_udp
  explicit Socket(const UdpOptions& options);

  /// The group or host to send to; none for a listener.
  [[nodiscard]] const std::vector<Address>& fixed_peers() const noexcept { return fixed_peers_; }
  [[nodiscard]] bool is_group() const noexcept { return is_group_; }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] int receiving() const noexcept { return receive_.get(); }

  enum class Sent : std::uint8_t { kYes, kFull, kRefused };
  /// Datagrams of two parts each (header, payload), in order. Does not block.
  [[nodiscard]] Sent send(std::span<iovec> parts, const Address& to) noexcept;

  /// Gives what has come to `visit`, one batch of it. Does not block.
  void receive(const std::function<void(bus::Bytes, const Address&)>& visit);

 private:
  void open_group(const UdpOptions& options);
  void open_unicast(const UdpOptions& options);

  Address address_{};
  bool is_group_{false};
  std::vector<Address> fixed_peers_;
  std::uint16_t port_{0};
  async::internal::FileDescriptor receive_;
  async::internal::FileDescriptor send_;  // of a group
  std::vector<std::byte> buffers_;
};

}  // namespace takt::udp::internal
