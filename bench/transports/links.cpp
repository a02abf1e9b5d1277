#include "links.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <functional>
#include <memory>
#include <utility>

#include <fmt/core.h>
#include <unistd.h>

#include "takt/bus/transport.hpp"
#include "takt/transports/udp/udp_transport.hpp"
#ifdef TAKT_BENCH_ZMQ
#include "takt/transports/zmq/zmq_transport.hpp"
#endif

namespace takt::bench {
namespace {

using Open = std::function<std::unique_ptr<bus::Transport>()>;

bus::TopicEndpoint bench_topic(bool reliable) {
  bus::TopicEndpoint topic{
      .name = "/bench", .type = {.name = "std_msgs/msg/UInt8MultiArray", .hash = {}}, .qos = {}, .node = ""};
  topic.qos.depth = 0;  // all are counted
  topic.qos.reliability = reliable ? bus::Reliability::kReliable : bus::Reliability::kBestEffort;
  return topic;
}

bus::TopicEndpoint topic_on(const bus::Transport& transport) {
  return bench_topic(bus::has(transport.capabilities(), bus::Capability::kReliable));
}

class TaktSender final : public Sender {
 public:
  TaktSender(std::unique_ptr<bus::Transport> transport, std::size_t message_bytes)
      : transport_(std::move(transport)),
        publisher_(transport_->advertise(topic_on(*transport_), {})),
        message_(message_bytes) {}
  [[nodiscard]] bool send(core::Nanoseconds stamp_ns) override {
    put_stamp(message_, stamp_ns);
    return publisher_->publish(message_).has_value();
  }

 private:
  std::unique_ptr<bus::Transport> transport_;
  std::unique_ptr<bus::TransportPublisher> publisher_;
  std::vector<std::byte> message_;
};

/// Takes on the thread that receives, as an inline subscription does.
class TaktReceiver final : public Receiver {
 public:
  TaktReceiver(std::unique_ptr<bus::Transport> transport, Hear hear)
      : hear_(std::move(hear)), transport_(std::move(transport)) {
    bus::EndpointEvents events;
    events.on_data = [this] { take_all(); };
    subscription_ = transport_->subscribe(topic_on(*transport_), std::move(events));
    ready_.store(subscription_.get(), std::memory_order_release);
  }

 private:
  void take_all() {
    bus::TransportSubscription* const from = ready_.load(std::memory_order_acquire);
    while (from != nullptr &&
           from->take([this](bus::Bytes bytes, const bus::MessageInfo&) { hear_(stamp_of(bytes.data())); })) {
    }
  }

  Hear hear_;
  std::unique_ptr<bus::Transport> transport_;
  std::atomic<bus::TransportSubscription*> ready_{nullptr};
  std::unique_ptr<bus::TransportSubscription> subscription_;
};

Way takt_way(std::string name, Open open_sender, Open open_receiver, std::size_t message_bytes) {
  return {.name = std::move(name),
          .sender = [open = std::move(open_sender),
                     message_bytes] { return std::make_unique<TaktSender>(open(), message_bytes); },
          .receiver = [open = std::move(open_receiver)](
                          Hear hear) { return std::make_unique<TaktReceiver>(open(), std::move(hear)); },
          .window = 0};
}

/// Below the ports that the system gives away by itself; three for each link.
std::uint16_t own_port(int link) {
  constexpr int kFirst = 12'000;
  constexpr int kPorts = 16;
  return static_cast<std::uint16_t>(kFirst + (kPorts * (getpid() % 1000)) + (4 * link));
}

#ifdef TAKT_BENCH_ZMQ
Link zmq_link(const std::string& name, const std::string& takt_address, const std::string& bare_address,
              std::size_t message_bytes) {
  const auto open = [takt_address](bool binds) {
    return [=]() -> std::unique_ptr<bus::Transport> {
      zmq::ZmqOptions options;
      options.address = takt_address;
      options.binds = binds;
      return zmq::open_zmq(options);
    };
  };
  return {.name = name,
          .baseline = "libzmq",
          .takt = takt_way("takt's " + name, open(false), open(true), message_bytes),
          .bare = bare_zmq(bare_address, message_bytes)};
}
#endif

Link udp_link(std::size_t message_bytes) {
  const std::uint16_t port = own_port(2);  // here: the child has another process number
  const auto open = [port](bool listens) {
    return [=]() -> std::unique_ptr<bus::Transport> {
      udp::UdpOptions options;
      options.host = "127.0.0.1";
      options.port = port;
      options.listens = listens;
      return udp::open_udp(options);
    };
  };
  Way takt = takt_way("takt's udp", open(false), open(true), message_bytes);
  takt.window = udp_window(message_bytes);
  return {.name = "udp",
          .baseline = "sockets",
          .takt = std::move(takt),
          .bare = bare_udp(static_cast<std::uint16_t>(port + 1), message_bytes)};
}

}  // namespace

std::vector<Link> links_for(std::size_t message_bytes) {
  std::vector<Link> links;
#ifdef TAKT_BENCH_ZMQ
  links.push_back(zmq_link("zmq+tcp", fmt::format("tcp://127.0.0.1:{}", own_port(0)),
                           fmt::format("tcp://127.0.0.1:{}", own_port(1)), message_bytes));
  const std::string path = fmt::format("ipc:///tmp/takt-bench-{}", getpid());
  links.push_back(zmq_link("zmq+ipc", path, path + "-bare", message_bytes));
#endif
  links.push_back(udp_link(message_bytes));
  return links;
}

std::uint64_t udp_window(std::size_t message_bytes) {
  constexpr std::size_t kUnderWay_bytes = 128 << 10U;  // the system's default buffer holds them, its overhead included
  constexpr std::size_t kMost = 64;
  return std::clamp(kUnderWay_bytes / message_bytes, std::size_t{1}, kMost);
}

void put_stamp(std::vector<std::byte>& message, core::Nanoseconds stamp_ns) noexcept {
  std::memcpy(message.data(), &stamp_ns, sizeof(stamp_ns));
}

core::Nanoseconds stamp_of(const void* message) noexcept {
  core::Nanoseconds stamp_ns = 0;
  std::memcpy(&stamp_ns, message, sizeof(stamp_ns));
  return stamp_ns;
}

}  // namespace takt::bench
