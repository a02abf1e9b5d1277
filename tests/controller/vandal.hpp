#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "takt/controller/internal/packet_socket.hpp"
#include "takt/controller/internal/server_socket.hpp"
#include "takt/controller/internal/wire.hpp"

namespace takt::test {

namespace internal = controller::internal;

/// Packets that are random, or were good ones.
class RandomPackets {
 public:
  explicit RandomPackets(std::mt19937& random) : random_(random) {
    core::FixedString<32> holder("fuzz");
    good_ = {internal::pack(1, internal::Start{}),
             internal::pack(2, internal::Stop{}),
             internal::pack(3, internal::Recover{}),
             internal::pack(4, internal::Use{control::OperationalSpace{}}),
             internal::pack(5, internal::SetTool{}),
             internal::pack(6, internal::SetPayload{}),
             internal::pack(7, internal::Acquire{.holder = holder, .take_over = true}),
             internal::pack(8, internal::Release{}),
             internal::pack(9, internal::Evidence{}),
             internal::pack(10, internal::Status{}),
             internal::pack(11, internal::Done{})};
  }

  std::vector<std::byte> next() {
    if (below(4) == 0) {
      return noise(1 + below(300));
    }
    std::vector<std::byte> packet = good_[below(good_.size())];
    for (std::size_t changes = below(4); changes > 0 && !packet.empty(); --changes) {
      switch (below(3)) {
        case 0:
          packet[below(packet.size())] = static_cast<std::byte>(below(256));
          break;
        case 1:
          packet.resize(1 + below(packet.size()));
          break;
        default:
          packet.resize(packet.size() + below(100));
      }
    }
    if (packet.size() > 7 && packet[6] == std::byte{42} && packet[7] == std::byte{0}) {
      packet[6] = std::byte{43};  // to shut it down would be granted
    }
    return packet;
  }

 private:
  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_); }
  std::vector<std::byte> noise(std::size_t size) {
    std::vector<std::byte> bytes(size);
    std::generate(bytes.begin(), bytes.end(), [this] { return static_cast<std::byte>(below(256)); });
    return bytes;
  }

  std::mt19937& random_;
  std::vector<std::vector<std::byte>> good_;
};

/// A client without manners, on a blocking thread.
class Vandal {
 public:
  explicit Vandal(std::string server) : server_(std::move(server)) {}

  void send(const std::vector<std::byte>& packet) {
    while (true) {
      if (!socket_) {
        auto made = internal::connect_to_server(server_);
        if (!made) {
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
          continue;
        }
        socket_.emplace(std::move(*made));
      }
      switch (socket_->send(packet)) {
        case internal::Sent::kYes:
          drain();
          return;
        case internal::Sent::kFull:
          drain();
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
          break;
        case internal::Sent::kGone:
          socket_.reset();
      }
    }
  }

 private:
  void drain() {
    while (socket_->receive(buffer_, internal::PacketSocket::Descriptors::kTake)) {
    }
  }

  std::string server_;
  std::optional<internal::PacketSocket> socket_;
  std::vector<std::byte> buffer_ = std::vector<std::byte>(internal::kMaxPacketBytes);
};

}  // namespace takt::test
