#include "takt/controller/internal/client_session.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <sys/socket.h>

#include "takt/async/tasks/io.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/controller/internal/failure.hpp"
#include "takt/controller/internal/packet.hpp"
#include "takt/controller/internal/packet_socket.hpp"
#include "takt/controller/internal/wire.hpp"
#include "takt/core/error.hpp"

namespace takt::controller::internal {
namespace {

using async::Nursery;
using async::Task;

constexpr std::size_t kMaxRequests = 16;
constexpr auto kLook = std::chrono::milliseconds(1);

/// What a request has come to: the packet for the client, but for its number.
struct Answer {
  PacketType type{PacketType::kDone};
  std::vector<std::byte> body;
  int descriptor{-1};  ///< the host's
};

template <class Body>
Answer answer_of(const Body& body, int descriptor = -1) {
  return {.type = Body::kType, .body = messages::to_cdr(body), .descriptor = descriptor};
}

class ClientSession {
 public:
  ClientSession(ArmHost& host, FileDescriptor client) : host_(host), socket_(std::move(client)) { ++host_.clients; }
  ClientSession(const ClientSession&) = delete;
  ClientSession& operator=(const ClientSession&) = delete;
  ~ClientSession() {
    host_.release(epoch_);
    --host_.clients;
  }

  Task<void> run() {
    send(0, answer_of(host_.welcome(), host_.state_descriptor()));
    const auto body = [this](Nursery& requests) -> Task<async::Join> {
      // One packet a turn: a client that sends without end does not keep the loop from the others.
      while (open_) {
        co_await async::readable(socket_.descriptor());
        take_packet(requests);
      }
      host_.release(epoch_);
      epoch_ = 0;
      co_return async::kJoin;
    };
    co_await async::with_nursery(body);
  }

 private:
  void take_packet(Nursery& requests) {
    const auto received = socket_.receive(buffer_, PacketSocket::Descriptors::kRefuse);
    if (!received) {
      open_ = received.error() != NotReceived::kClosed;
      return;
    }
    const auto bytes = std::span<const std::byte>(buffer_).first(received->bytes);
    const auto packet = parse_packet(bytes);
    if (!packet) {
      send_away(packet.error().number, packet.error().text);
    } else if (received->truncated) {
      send_away(packet->number, fmt::format("a packet of more than {} bytes", kMaxPacketBytes));
    } else {
      take_request(requests, *packet);
    }
  }

  void take_request(Nursery& requests, const PacketView& packet) {
    switch (packet.type) {
      case PacketType::kStart:
        return begin<Start>(requests, packet);
      case PacketType::kStop:
        return begin<Stop>(requests, packet);
      case PacketType::kRecover:
        return begin<Recover>(requests, packet);
      case PacketType::kUse:
        return begin<Use>(requests, packet);
      case PacketType::kSetTool:
        return begin<SetTool>(requests, packet);
      case PacketType::kSetPayload:
        return begin<SetPayload>(requests, packet);
      case PacketType::kAcquire:
        return begin<Acquire>(requests, packet);
      case PacketType::kRelease:
        return begin<Release>(requests, packet);
      case PacketType::kEvidence:
        return begin<Evidence>(requests, packet);
      case PacketType::kSafeStop:
        return stop_safely(packet.number);
      case PacketType::kShutDown:
        return begin<ShutDown>(requests, packet);
      case PacketType::kStatus:
        return begin<Status>(requests, packet);
      default:
        return send_away(packet.number,
                         fmt::format("a packet of type {} is no request", static_cast<unsigned>(packet.type)));
    }
  }

  template <class Body>
  void begin(Nursery& requests, const PacketView& packet) {
    auto body = unpack<Body>(packet);
    if (!body) {
      send_away(packet.number, "the body of a request: " + body.error().text());
    } else if (requests.children() >= kMaxRequests) {
      fail(packet.number, DeviceError(fmt::format("{} requests of this client are on their way, the most is {}",
                                                  requests.children(), kMaxRequests)));
    } else {
      requests.start("request", answer(packet.number, carry_out(std::move(*body))));
    }
  }

  Task<void> answer(std::uint64_t number, Task<Answer> request) {
    try {
      const Answer done = co_await std::move(request);
      send(number, done);
    } catch (const std::exception& error) {
      fail(number, error);
    }
  }

  /// What only the commander may ask for, in its turn. Who lost the lease while it waited is refused, and nothing was
  /// done; whoever loses it meanwhile leaves an arm behind that is stopped again, where this started it, and held
  /// otherwise. The next commander hears of its lease only after that.
  Task<Answer> command(Task<void> work, bool starts) {
    const control::LeaseEpoch epoch = epoch_;
    host_.require_commander(epoch);
    const auto turn = co_await host_.turns.lock();
    host_.require_commander(epoch);
    co_await std::move(work);
    if (!host_.is_commander(epoch)) {
      if (starts) {
        co_await host_.controller().stop();
      } else {
        host_.controller().halt();  // a law that lets the arm go may have come after the first halt
      }
      host_.require_commander(epoch);
    }
    co_return answer_of(Done{});
  }

  Task<Answer> carry_out(Start /*request*/) { return command(host_.controller().start(), true); }
  Task<Answer> carry_out(Stop /*request*/) { return command(host_.controller().stop(), false); }
  Task<Answer> carry_out(Recover /*request*/) { return command(host_.controller().recover(), true); }
  Task<Answer> carry_out(Use request) { return command(host_.controller().use(request.law), false); }
  Task<Answer> carry_out(SetTool request) {
    return command(host_.controller().set_tool(from_wire(request.X_FE)), false);
  }
  Task<Answer> carry_out(SetPayload request) {
    return command(host_.controller().set_payload(from_wire(request.payload_F)), false);
  }
  Task<Answer> carry_out(Acquire request) {
    if (!open_) {  // it has gone meanwhile, and would keep the lease for ever
      throw DeviceError("this client has left");
    }
    const control::LeaseEpoch epoch = host_.acquire(request.holder.view(), request.take_over, epoch_);
    epoch_ = epoch;
    const auto turn = co_await host_.turns.lock();  // the one before may have asked for something that still goes on
    host_.require_commander(epoch);
    while (!host_.listens()) {
      co_await async::sleep_for(kLook);
    }
    co_return answer_of(LeaseGiven{.epoch = epoch, .model = to_wire(host_.controller().model())},
                        host_.command_descriptor());
  }
  Task<Answer> carry_out(Release /*request*/) {
    host_.require_commander(epoch_);
    host_.release(epoch_);
    epoch_ = 0;
    co_return answer_of(Done{});
  }
  Task<Answer> carry_out(Evidence /*request*/) {
    const auto turn = co_await host_.turns.lock();
    const std::vector<control::CycleState> cycles = co_await host_.controller().evidence();
    const ArmHost::EvidenceMemory kept = host_.keep(cycles);
    co_return answer_of(EvidenceKept{.cycles = kept.cycles}, kept.descriptor);
  }
  Task<Answer> carry_out(ShutDown /*request*/) {
    host_.close();
    co_await host_.controller().stop();
    host_.shut_down.set();
    co_return answer_of(Done{});
  }
  Task<Answer> carry_out(Status /*request*/) {
    host_.refresh();  // who asks reads the statistics next
    co_return answer_of(StatusNow{.clients = host_.clients,
                                  .refused_commands = host_.controller().stats().refused_epochs,
                                  .refused_clients = host_.refused_clients});
  }

  /// At once, however many requests are on their way.
  void stop_safely(std::uint64_t number) {
    host_.controller().safe_stop();
    if (number != 0) {
      send(number, answer_of(Done{}));
    }
  }

  void send(std::uint64_t number, const Answer& answer) {
    const bool expected = number != 0 || answer.type == PacketType::kWelcome || answer.type == PacketType::kFailed;
    if (!expected || !open_) {
      return;
    }
    const Sent sent = socket_.send(make_packet(answer.type, number, answer.body), answer.descriptor);
    if (sent != Sent::kYes) {
      leave(sent == Sent::kFull);
    }
  }

  void fail(std::uint64_t number, const std::exception& error) {
    if (number != 0) {
      send(number, answer_of(to_failure(error)));
    }
  }

  void send_away(std::uint64_t number, const std::string& why) {
    send(number, answer_of(to_failure(ProtocolError(why))));
    leave(true);
  }

  /// Ends the session; the task that reads wakes of it.
  void leave(bool refused) {
    host_.refused_clients += refused && open_ ? 1 : 0;
    open_ = false;
    static_cast<void>(shutdown(socket_.descriptor(), SHUT_RDWR));
  }

  ArmHost& host_;
  PacketSocket socket_;
  bool open_{true};
  control::LeaseEpoch epoch_{0};
  std::array<std::byte, kMaxPacketBytes> buffer_{};
};

}  // namespace

Task<void> serve_client(ArmHost& host, FileDescriptor client) {
  const auto session = std::make_unique<ClientSession>(host, std::move(client));  // 64 KiB are too much for a frame
  co_await session->run();
}

}  // namespace takt::controller::internal
