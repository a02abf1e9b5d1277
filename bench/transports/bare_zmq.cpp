// PUB/SUB of libzmq as a program by hand would have it: the subscriber binds and blocks in recv on a thread of its own,
// the publisher presses back instead of losing.

#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include <zmq.hpp>

#include "links.hpp"

namespace takt::bench {
namespace {

namespace option = ::zmq::sockopt;

constexpr int kQueue = 1000;  // takt's default
constexpr int kLookAtStop_ms = 20;

class ZmqSender final : public Sender {
 public:
  ZmqSender(const std::string& address, std::size_t message_bytes) : message_(message_bytes) {
    socket_.set(option::sndhwm, kQueue);
    socket_.set(option::linger, 100);
    socket_.set(option::xpub_nodrop, true);
    // Waits for room. One that asks instead (dontwait) learns of it once in 3 million clock ticks at most, as libzmq
    // looks no more often: 1000 messages per millisecond and no more.
    socket_.set(option::sndtimeo, kLookAtStop_ms);
    socket_.connect(address);
  }
  [[nodiscard]] bool send(core::Nanoseconds stamp_ns) override {
    put_stamp(message_, stamp_ns);
    return socket_.send(::zmq::buffer(message_), ::zmq::send_flags::none).has_value();
  }

 private:
  ::zmq::context_t context_;
  ::zmq::socket_t socket_{context_, ::zmq::socket_type::pub};
  std::vector<std::byte> message_;
};

class ZmqReceiver final : public Receiver {
 public:
  ZmqReceiver(const std::string& address, Hear hear) : hear_(std::move(hear)) {
    socket_.set(option::rcvhwm, kQueue);
    socket_.set(option::rcvtimeo, kLookAtStop_ms);
    socket_.set(option::subscribe, "");
    socket_.bind(address);
    thread_ = std::jthread([this](const std::stop_token& stop) {
      ::zmq::message_t message;
      while (!stop.stop_requested()) {
        if (socket_.recv(message)) {
          hear_(stamp_of(message.data()));
        }
      }
    });
  }

 private:
  Hear hear_;
  ::zmq::context_t context_;
  ::zmq::socket_t socket_{context_, ::zmq::socket_type::sub};
  std::jthread thread_;  // last: ends first
};

}  // namespace

Way bare_zmq(const std::string& address, std::size_t message_bytes) {
  return {.name = "libzmq on " + address,
          .sender = [=] { return std::make_unique<ZmqSender>(address, message_bytes); },
          .receiver = [=](Hear hear) { return std::make_unique<ZmqReceiver>(address, std::move(hear)); },
          .window = 0};
}

}  // namespace takt::bench
