#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "one_way.hpp"

namespace takt::bench {

/// takt's transport on a link, and the bare library on the same. Both on ports of this process's own.
struct Link {
  std::string name;
  std::string baseline;
  Way takt;
  Way bare;
};

/// Every link that this build has, for messages of that size.
[[nodiscard]] std::vector<Link> links_for(std::size_t message_bytes);

/// The bare side: libzmq, and sockets.
[[nodiscard]] Way bare_zmq(const std::string& address, std::size_t message_bytes);
[[nodiscard]] Way bare_udp(std::uint16_t port, std::size_t message_bytes);

/// Where nothing presses back, so many messages fit into the sockets' buffers.
[[nodiscard]] std::uint64_t udp_window(std::size_t message_bytes);

/// The number at the front of a message.
void put_stamp(std::vector<std::byte>& message, core::Nanoseconds stamp_ns) noexcept;
[[nodiscard]] core::Nanoseconds stamp_of(const void* message) noexcept;

}  // namespace takt::bench
