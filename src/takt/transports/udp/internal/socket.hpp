#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "takt/bus/transport.hpp"
#include "takt/core/file_descriptor.hpp"
#include "takt/core/time.hpp"
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

  enum class Sent : std::uint8_t {
    kYes,
    kNothing,  ///< not one: no room now
    kPart,     ///< no room for the rest
    kRefused,  ///< the system has no way there, or the rest is not let through
  };
  /// Datagrams of two parts each (header, payload), in order, of one size but for the last, which may be smaller. Does
  /// not block.
  [[nodiscard]] Sent send(std::span<iovec> parts, const Address& to) noexcept;

  /// Waits until something comes, kWait_ns at most, and gives what has come to `visit`, one batch of it.
  void receive(const std::function<void(bus::Bytes, const Address&)>& visit);
  /// receive returns at once, now and from now on. Any thread.
  void end_receiving() noexcept;
  static constexpr core::Nanoseconds kWait_ns = core::kNanosecondsPerSecond / 4;

 private:
  /// The first of them, as many as go by one call. @return how many; below 0: errno says why none
  [[nodiscard]] int send_each(std::span<iovec> parts, const Address& to) noexcept;
  [[nodiscard]] int send_to_be_cut(std::span<iovec> parts, const Address& to) noexcept;
  [[nodiscard]] int sender() const noexcept { return is_group_ ? send_.get() : receive_.get(); }
  void set_up_batch();
  void open_group(const UdpOptions& options);
  void open_unicast(const UdpOptions& options);

  Address address_{};
  bool is_group_{false};
  std::vector<Address> fixed_peers_;
  std::uint16_t port_{0};
  core::FileDescriptor receive_;
  core::FileDescriptor send_;        // of a group
  std::atomic<bool> can_cut_{true};  // the system does, which costs a fraction of sending each
  std::atomic<bool> ended_{false};
  std::vector<std::byte> buffers_;
  // One of each per buffer; they point to each other.
  std::vector<iovec> parts_;
  std::vector<Address> from_;
  std::vector<mmsghdr> messages_;
};

}  // namespace takt::udp::internal
