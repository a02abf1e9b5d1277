#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "takt/core/error.hpp"
#include "takt/core/file_descriptor.hpp"

namespace takt::controller::internal {

using core::FileDescriptor;

/// What became of a packet that was sent.
enum class Sent : std::uint8_t {
  kYes,   ///< it is in the socket's buffer, and whole
  kFull,  ///< the other side does not read; nothing was sent
  kGone,  ///< there is no other side any more
};

/// Why nothing was received.
enum class NotReceived : std::uint8_t {
  kNothing,  ///< there is nothing now
  kClosed,   ///< there will be nothing any more
};

/// A packet that came. `truncated`: it was longer than the buffer.
struct Received {
  std::size_t bytes{0};
  bool truncated{false};
  FileDescriptor descriptor{};  ///< none when none came with it
};

/// One end of a connection of packets (AF_UNIX, SOCK_SEQPACKET): each arrives whole or not at all. Never blocks. A
/// resource; sends and hung_up may come from any thread, receive from one.
class PacketSocket {
 public:
  /// Takes a socket in non-blocking mode.
  explicit PacketSocket(FileDescriptor socket) noexcept : socket_(std::move(socket)) {}

  /// @param descriptor  goes along when ≥ 0; stays the caller's
  [[nodiscard]] Sent send(std::span<const std::byte> packet, int descriptor = -1) noexcept;

  /// A server takes no descriptors from its clients: what they send along is closed unseen.
  enum class Descriptors : std::uint8_t { kRefuse, kTake };
  [[nodiscard]] Expected<Received, NotReceived> receive(std::span<std::byte> buffer, Descriptors descriptors) noexcept;

  /// The other side has closed, or its process has ended. One system call; receive may still have what it sent before.
  [[nodiscard]] bool hung_up() const noexcept;

  [[nodiscard]] int descriptor() const noexcept { return socket_.get(); }

 private:
  FileDescriptor socket_;
};

}  // namespace takt::controller::internal
