#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace takt::async::internal {

/// Parent to zygote, one SEQPACKET message with three descriptors: segment file, reply bell, life socket.
struct StartOrder {
  std::array<char, 16> name{};  ///< of the child's thread, zero-terminated
  std::uint64_t area_bytes{0};  ///< of the segment
  bool core_dump{false};        ///< let the kernel write one; the crash is then noticed when it is written
};

/// The descriptors that go with a StartOrder, in this order.
inline constexpr std::size_t kStartDescriptors = 3;

/// Zygote to parent, on a child's life socket, once; then the zygote closes the socket.
struct LifeMessage {
  enum class Kind : std::int32_t { kEnded, kNotStarted };
  Kind kind{Kind::kEnded};
  std::int32_t value{0};  ///< a wait status, or the errno of fork
};

}  // namespace takt::async::internal
