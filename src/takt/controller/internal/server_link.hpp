#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "takt/async/tasks/event.hpp"
#include "takt/async/tasks/task.hpp"
#include "takt/controller/internal/packet.hpp"
#include "takt/controller/internal/packet_socket.hpp"
#include "takt/controller/internal/wire.hpp"
#include "takt/core/log.hpp"

namespace takt::controller::internal {

/// A client's side of its connection: questions and answers, any number at once, and whether the server lives.
///
/// There is no task that reads: of those who await an answer one reads for all of them, and hands that on when it has
/// its own. So nothing runs while nobody asks, and no task has to outlive its parent.
///
/// That a server is gone is told by the socket, and exactly: it hangs up when the process ends, however that ends, and
/// not when a busy host keeps it from running, which a heartbeat could not tell apart. Who awaits an answer hears it at
/// once. Who only stores and loads looks at the socket itself, at most once in kLook_ns: one system call of half a
/// microsecond per 10 ms, so that it is known in time also while the loop is blocked.
///
/// Loop thread only, but for post(), require_alive() and is_alive().
class ServerLink {
 public:
  static constexpr core::Nanoseconds kLook_ns = 10'000'000;

  /// @param name  of the server, for messages
  ServerLink(std::string name, FileDescriptor socket);
  ServerLink(const ServerLink&) = delete;
  ServerLink& operator=(const ServerLink&) = delete;

  /// An answer's body, and the descriptor that came with it.
  template <class Body>
  struct Answer {
    Body body;
    FileDescriptor descriptor;
  };

  /// The server's first word. @throws as ask
  [[nodiscard]] async::Task<Answer<Welcome>> welcome();

  /// @throws what the server's side threw, ServerDiedError, ProtocolError. Cancellation: Cancelled, at once; the server
  /// carries the request out all the same.
  template <class Reply, class Request>
  [[nodiscard]] async::Task<Answer<Reply>> ask(Request request) {
    const std::uint64_t number = ++last_number_;
    auto packet = co_await exchange(number, pack(number, request));
    co_return take<Reply>(std::move(packet));
  }

  /// Sends what needs no answer, or drops it when the server does not read.
  template <class Request>
  void post(const Request& request) noexcept {
    try {
      static_cast<void>(socket_.send(pack(0, request)));
    } catch (...) {  // no memory for a packet of 21 bytes
    }
  }

  /// Ends the connection from this side. Everybody who waits gets ServerDiedError.
  void give_up();

  /// @throws ServerDiedError
  void require_alive() const {
    if (!is_alive()) {
      throw_gone();
    }
  }
  [[nodiscard]] bool is_alive() const noexcept;
  /// The same, with a look at the socket in any case.
  [[nodiscard]] bool look() const noexcept;

 private:
  struct Packet {
    std::vector<std::byte> bytes;
    FileDescriptor descriptor;
  };
  struct Pending;
  class Waiting;
  class Reading;

  [[nodiscard]] async::Task<Packet> exchange(std::uint64_t number, std::vector<std::byte> request);
  [[nodiscard]] async::Task<void> send(std::vector<std::byte> packet);
  void receive();
  void deliver(const Received& received, FileDescriptor descriptor);
  void end(const std::string& why);
  [[noreturn]] void throw_gone() const;
  [[noreturn]] void throw_ended() const;  ///< with why, where the server said so; the loop's alone

  /// @throws the failure that it is, or ProtocolError when it is no Reply.
  template <class Reply>
  [[nodiscard]] static Answer<Reply> take(Packet packet) {
    const PacketView view = require_answer(packet.bytes, Reply::kType);
    auto body = unpack<Reply>(view);
    if (!body) {
      throw_unreadable(body.error().text());
    }
    return {.body = std::move(*body), .descriptor = std::move(packet.descriptor)};
  }
  [[nodiscard]] static PacketView require_answer(std::span<const std::byte> bytes, PacketType type);
  [[noreturn]] static void throw_unreadable(const std::string& what);

  std::string name_;
  PacketSocket socket_;
  std::uint64_t last_number_{0};
  std::vector<Pending*> pending_;
  bool reading_{false};
  std::string refusal_;  ///< why the server ended the connection, when it said so
  mutable std::atomic<bool> gone_{false};
  mutable core::RateGate looks_{kLook_ns};
  std::unique_ptr<std::array<std::byte, kMaxPacketBytes>> buffer_;
};

}  // namespace takt::controller::internal
