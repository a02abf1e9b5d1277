#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "takt/bus/transport.hpp"

namespace takt::udp {

/// Where a UDP transport speaks and listens, and its bounds. IPv4.
struct UdpOptions {
  /// A multicast group, joined and sent to ("239.255.0.7"); a host, sent to and heard ("robot", "10.0.0.5"); or, with
  /// `listens`, the own address: empty or "*" for all.
  std::string host;

  /// With `listens`, 0 lets the system choose.
  std::uint16_t port{0};

  /// Waits for those who name this host, and sends to everyone it hears. Not with a multicast group.
  bool listens{false};

  /// Address of the interface that a group is joined on; "127.0.0.1" stays on this host. Empty: the system's choice.
  std::string interface_address;

  /// Routers that a datagram to a group may cross, plus one.
  int multicast_hops{1};

  /// 768 … 65507. Above the path's MTU less 28, IP fragments, and one lost fragment loses the whole datagram unseen.
  std::size_t max_datagram_bytes{1472};

  /// Above this: kTooLarge when sent, dropped when it comes. At most 65536 fragments.
  std::size_t max_message_bytes{std::size_t{16} << 20U};

  /// Memory of messages of which fragments are missing yet, all senders together. Above max_message_bytes by 256 at
  /// least, which keeping one costs; open_udp refuses less.
  std::size_t reassembly_bytes{std::size_t{32} << 20U};

  /// Messages that a reader with Qos::depth 0 has room for.
  std::size_t room{1024};

  /// Bytes that may lie at a reader, beyond a single message of any size; then the oldest are lost.
  std::size_t room_bytes{std::size_t{64} << 20U};

  /// The kernel's buffer that is asked for, each way; the system may give less (net.core.rmem_max).
  int socket_buffer_bytes{4 << 20U};
};

struct UdpStatistics {
  std::uint64_t malformed{0};  ///< datagrams that are none of ours
  std::uint64_t mistyped{0};   ///< messages of another type than a subscription of their topic asks for, for each
  std::uint64_t unsent{0};     ///< messages, per receiver, that the system did not take, or not whole
  std::size_t peers{0};        ///< whom a listener sends to now
};

/// Publish and subscribe, best effort, over UDP (docs/formats/udp.md): what does not arrive was worthless. No requests,
/// no matched events, no graph, no encryption: for networks that are trusted. Losses are counted per subscription, by
/// the gaps of the senders' counts. A subscription learns of a publisher of another type when it sends.
///
/// publish sends on the calling thread. kWouldBlock: the socket's buffer is full and nothing of the message was sent,
/// so that sending it again is no second one. When there is no room for the rest of what was begun, that is as lost as
/// on the way: receivers get a message whole or count it as lost, and `unsent` has it. Receives on one thread of its
/// own, "udp.recv". Thread safe.
class UdpTransport : public bus::Transport {
 public:
  [[nodiscard]] virtual UdpStatistics statistics() const = 0;
  /// Where it receives: with port 0, what the system chose.
  [[nodiscard]] virtual std::uint16_t port() const noexcept = 0;
};

/// @throws LogicError for options that cannot be, SystemError when a socket cannot be made or the host is not known.
[[nodiscard]] std::unique_ptr<UdpTransport> open_udp(const UdpOptions& options);

}  // namespace takt::udp
