#include <memory>
#include <utility>

#include "takt/node/node.hpp"
#include "takt/transports/dds/dds_transport.hpp"

#include "loop_thread.hpp"
#include "messages.hpp"
#include "ways.hpp"

namespace takt::bench {
namespace {

class NodeSender final : public Sender {
 public:
  explicit NodeSender(std::uint32_t domain) : node_("talker", dds_bus(domain)) {}
  [[nodiscard]] bool send(core::Nanoseconds stamp_ns) override {
    sample_.stamp_ns = stamp_ns;
    return publisher_.publish(sample_).has_value();
  }

 private:
  node::Node node_;
  node::Publisher<Sample> publisher_{node_.publisher<Sample>("/bench")};
  Sample sample_;
};

async::Task<void> listen(std::shared_ptr<bus::Bus> bus, Hear hear) {
  node::Node node("listener", std::move(bus));
  const auto samples = node.subscribe<Sample>("/bench");
  while (const auto received = co_await samples.next()) {
    hear(received->message.stamp_ns);
  }
}

class NodeReceiver final : public Receiver {
 public:
  NodeReceiver(std::uint32_t domain, Hear hear)
      : loop_([bus = dds_bus(domain), hear = std::move(hear)] { return listen(bus, hear); }) {}

 private:
  LoopThread loop_;
};

}  // namespace

std::shared_ptr<bus::Bus> dds_bus(std::uint32_t domain) {
  auto bus = std::make_shared<bus::Bus>();
  dds::DdsOptions options;
  options.domain = domain;
  bus->add(dds::open_dds(options));
  return bus;
}

Way node_way(std::uint32_t domain) {
  return {.name = "a node on dds",
          .sender = [domain] { return std::make_unique<NodeSender>(domain); },
          .receiver = [domain](Hear hear) { return std::make_unique<NodeReceiver>(domain, std::move(hear)); },
          .window = 0};
}

}  // namespace takt::bench
