#include "takt/controller/internal/server_link.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include <sys/socket.h>

#include "takt/async/tasks/io.hpp"
#include "takt/controller/errors.hpp"
#include "takt/controller/internal/failure.hpp"
#include "takt/core/time.hpp"

namespace takt::controller::internal {

using async::Task;

/// Somebody who awaits the answer to a request.
struct ServerLink::Pending {
  std::uint64_t number;
  std::optional<Packet> packet{};
  async::Event news{"an answer of the controller"};  ///< the answer, the end, or that it is its turn to read
};

/// Stands in the list while it lives.
class ServerLink::Waiting {
 public:
  Waiting(ServerLink& link, Pending& pending) : link_(link), pending_(pending) { link_.pending_.push_back(&pending_); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() { std::erase(link_.pending_, &pending_); }

 private:
  ServerLink& link_;
  Pending& pending_;
};

/// Reads for all while it lives; then the next one does.
class ServerLink::Reading {
 public:
  explicit Reading(ServerLink& link) noexcept : link_(link) { link_.reading_ = true; }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() {
    link_.reading_ = false;
    for (Pending* next : link_.pending_) {
      if (!next->packet) {
        next->news.set();  // its own task among them: it has ended, or finds that nobody reads
      }
    }
  }

 private:
  ServerLink& link_;
};

ServerLink::ServerLink(std::string name, FileDescriptor socket)
    : name_(std::move(name)),
      socket_(std::move(socket)),
      buffer_(std::make_unique<std::array<std::byte, kMaxPacketBytes>>()) {}

Task<ServerLink::Answer<Welcome>> ServerLink::welcome() {
  Packet packet = co_await exchange(0, {});
  co_return take<Welcome>(std::move(packet));
}

Task<ServerLink::Packet> ServerLink::exchange(std::uint64_t number, std::vector<std::byte> request) {
  Pending pending{.number = number};
  const Waiting waiting(*this, pending);
  if (!request.empty()) {
    co_await send(std::move(request));
  }
  while (!pending.packet) {
    if (gone_.load(std::memory_order_acquire)) {
      receive();  // what it said before it went
      if (!pending.packet) {
        throw_ended();
      }
    } else if (reading_) {
      co_await pending.news.wait();
      pending.news.clear();
    } else {
      const Reading reading(*this);
      while (!pending.packet && !gone_.load(std::memory_order_acquire)) {
        co_await async::readable(socket_.descriptor());
        receive();
      }
    }
  }
  co_return std::move(*pending.packet);
}

Task<void> ServerLink::send(std::vector<std::byte> packet) {
  while (true) {
    switch (socket_.send(packet)) {
      case Sent::kYes:
        co_return;
      case Sent::kFull:
        co_await async::writable(socket_.descriptor());
        break;
      case Sent::kGone:
        receive();  // perhaps it said why
        end("");
        co_return;
    }
  }
}

/// Takes all that is there, at most one buffer's worth of packets at a time from a server that is to be trusted.
void ServerLink::receive() {
  while (true) {
    auto received = socket_.receive(*buffer_, PacketSocket::Descriptors::kTake);
    if (!received) {
      if (received.error() == NotReceived::kClosed) {
        end("");
      }
      return;
    }
    FileDescriptor descriptor = std::move(received->descriptor);
    deliver(*received, std::move(descriptor));
  }
}

void ServerLink::deliver(const Received& received, FileDescriptor descriptor) {
  const auto bytes = std::span<const std::byte>(*buffer_).first(received.bytes);
  const auto packet = parse_packet(bytes);
  if (!packet) {
    return end("it sent " + packet.error().text);
  }
  const auto whose = std::find_if(pending_.begin(), pending_.end(),
                                  [&packet](const Pending* pending) { return pending->number == packet->number; });
  if (whose != pending_.end()) {
    (*whose)->packet.emplace(Packet{.bytes = {bytes.begin(), bytes.end()}, .descriptor = std::move(descriptor)});
    (*whose)->news.set();
  } else if (packet->number == 0 && packet->type == PacketType::kFailed) {
    const auto failure = unpack<Failed>(*packet);
    end(failure ? failure->text : failure.error().text());
  }  // else the answer to somebody who was cancelled
}

void ServerLink::end(const std::string& why) {
  if (refusal_.empty()) {
    refusal_ = why;
  }
  gone_.store(true, std::memory_order_release);
  for (Pending* pending : pending_) {
    pending->news.set();
  }
}

void ServerLink::give_up() {
  static_cast<void>(shutdown(socket_.descriptor(), SHUT_RDWR));
  end("");
}

bool ServerLink::is_alive() const noexcept {
  if (gone_.load(std::memory_order_acquire)) {
    return false;
  }
  return !looks_.pass(core::monotonic_now_ns()) || look();
}

bool ServerLink::look() const noexcept {
  if (socket_.hung_up()) {
    gone_.store(true, std::memory_order_release);
  }
  return !gone_.load(std::memory_order_acquire);
}

void ServerLink::throw_ended() const {
  if (!refusal_.empty()) {
    throw ProtocolError("the controller '" + name_ + "': " + refusal_);
  }
  throw_gone();
}

void ServerLink::throw_gone() const {
  throw ServerDiedError("the process of the controller '" + name_ +
                        "' is gone, or has closed the connection; connect again when it runs");
}

PacketView ServerLink::require_answer(std::span<const std::byte> bytes, PacketType type) {
  const auto packet = parse_packet(bytes);
  if (!packet) {
    throw_unreadable(packet.error().text);
  }
  if (packet->type == PacketType::kFailed) {
    const auto failure = unpack<Failed>(*packet);
    if (!failure) {
      throw_unreadable(failure.error().text());
    }
    throw_failure(*failure);
  }
  if (packet->type != type) {
    throw_unreadable("a packet of type " + std::to_string(static_cast<unsigned>(packet->type)) + " instead of " +
                     std::to_string(static_cast<unsigned>(type)));
  }
  return *packet;
}

void ServerLink::throw_unreadable(const std::string& what) {
  throw ProtocolError("the controller's answer: " + what);
}

}  // namespace takt::controller::internal
