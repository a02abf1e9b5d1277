#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/tasks/io.hpp"
#include "takt/async/tasks/task.hpp"
#include "takt/controller/internal/packet.hpp"
#include "takt/controller/internal/packet_socket.hpp"
#include "takt/controller/internal/server_socket.hpp"
#include "takt/controller/internal/wire.hpp"

namespace takt::controller::testing {

/// A client that says what the test wants, well-mannered or not.
class RawClient {
 public:
  explicit RawClient(const std::string& server) : socket_(*internal::connect_to_server(server)) {}

  internal::Sent send(std::span<const std::byte> bytes) { return socket_.send(bytes); }
  template <class Body>
  internal::Sent send(std::uint64_t number, const Body& body) {
    return socket_.send(internal::pack(number, body));
  }

  /// The next packet; nullopt when the server has closed.
  async::Task<std::optional<std::vector<std::byte>>> receive() {
    while (true) {
      co_await async::readable(socket_.descriptor());
      const auto received = socket_.receive(buffer_, internal::PacketSocket::Descriptors::kTake);
      if (received) {
        co_return std::vector<std::byte>(buffer_.begin(),
                                         buffer_.begin() + static_cast<std::ptrdiff_t>(received->bytes));
      }
      if (received.error() == internal::NotReceived::kClosed) {
        co_return std::nullopt;
      }
    }
  }

  /// The next packet, which is to be such a one, of that number.
  template <class Body>
  async::Task<Body> receive_as(std::uint64_t number) {
    const auto bytes = co_await receive();
    if (!bytes) {
      ADD_FAILURE() << "the server has closed";
      co_return Body{};
    }
    const auto packet = internal::parse_packet(*bytes);
    if (!packet || packet->type != Body::kType) {
      ADD_FAILURE() << "something else came";
      co_return Body{};
    }
    EXPECT_EQ(packet->number, number);
    co_return internal::unpack<Body>(*packet).value();
  }

  [[nodiscard]] int descriptor() const noexcept { return socket_.descriptor(); }

 private:
  internal::PacketSocket socket_;
  std::array<std::byte, internal::kMaxPacketBytes> buffer_{};
};

}  // namespace takt::controller::testing
