// Nodes on several transports at once, and on one that can do little.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <unistd.h>

#include "takt/node/test/action_rig.hpp"
#include "takt/node/test/rig.hpp"

namespace takt::node {
namespace {

using namespace testing;

/// A bus on two networks whose readers have room for one message.
class TwoNetworksTest : public ::testing::Test {
 protected:
  static bus::MemoryNetworkOptions small() {
    bus::MemoryNetworkOptions options;
    options.room = 1;
    return options;
  }
  static std::shared_ptr<bus::Bus> on(std::unique_ptr<bus::Transport> transport) {
    auto bus = std::make_shared<bus::Bus>();
    bus->add(std::move(transport));
    return bus;
  }
  TwoNetworksTest() {
    both->add(first.join("both"));
    both->add(second.join("both"));
  }

  bus::MemoryNetwork first{small()};
  bus::MemoryNetwork second{small()};
  std::shared_ptr<bus::Bus> both{std::make_shared<bus::Bus>()};
  std::shared_ptr<bus::Bus> on_first{on(first.join("far"))};
  std::shared_ptr<bus::Bus> on_second{on(second.join("far"))};
  async::EventLoop loop{async::LoopTime::kVirtual};
};

TEST_F(TwoNetworksTest, AReaderThatDoesNotTakeOnOneTransportDoesNotHoldUpTheOther) {
  Node talker("talker", both);
  Node stuck("stuck", on_first);
  Node listener("listener", on_second);
  const bus::Qos all{.depth = 0};
  auto publisher = talker.publisher<Number>("/topic", {.qos = all});
  auto never_read = stuck.subscribe<Number>("/topic", {.qos = all});
  auto numbers = listener.subscribe<Number>("/topic", {.qos = all});
  const auto body = [&]() -> Task<void> {
    co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("talker", [&]() -> Task<void> {
        for (std::int64_t i = 0; i < 3; ++i) {
          static_cast<void>(co_await publisher.publish_when_ready({i}));
        }
      });
      for (std::int64_t i = 0; i < 2; ++i) {
        EXPECT_TRUE(co_await async::with_timeout(10s, numbers.next())) << "of message " << i;
      }
      co_return kCancel;
    });
  };
  loop.run(body());
}

TEST_F(TwoNetworksTest, ACallWhoseServerGoesBeforeItCouldBeSentEnds) {
  Node caller("caller", both);
  Node going("going", on_first);
  Node other("other", on_second);
  const auto answer = [](const AddRequest& request) { return AddResponse{request.a + request.b}; };
  auto service = going.serve<Add>("/add", answer);  // never entered
  other.serve<Add>("/add", answer);
  auto client = caller.client<Add>("/add");
  const auto body = [&]() -> Task<void> {
    co_await with_node(caller, other, [&]() -> Task<void> {
      EXPECT_FALSE(co_await client.call({1, 2}, {.timeout = 1s}));  // fills the room of the first
      co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
        nursery.start("end", [&]() -> Task<void> {
          co_await sleep_for(1s);
          service.destroy();
        });
        const auto response = co_await client.call({1, 2}, {.timeout = 100s});
        EXPECT_TRUE(response || response.error() != CallError::kTimedOut);
        co_return kJoin;
      });
    });
  };
  loop.run(body());
}

/// As udp is: it publishes and subscribes, and throws when it is asked for anything else.
class PlainTransport final : public bus::Transport {
 public:
  explicit PlainTransport(std::unique_ptr<bus::Transport> memory) : memory_(std::move(memory)) {}
  [[nodiscard]] std::string scheme() const override { return "plain"; }
  [[nodiscard]] bus::Capabilities capabilities() const noexcept override {
    return static_cast<bus::Capabilities>(bus::Capability::kPublishSubscribe);
  }
  [[nodiscard]] std::unique_ptr<bus::TransportPublisher> advertise(const bus::TopicEndpoint& topic,
                                                                   bus::EndpointEvents events) override {
    check(topic);
    return memory_->advertise(topic, std::move(events));
  }
  [[nodiscard]] std::unique_ptr<bus::TransportSubscription> subscribe(const bus::TopicEndpoint& topic,
                                                                      bus::EndpointEvents events) override {
    check(topic);
    return memory_->subscribe(topic, std::move(events));
  }
  [[nodiscard]] std::unique_ptr<bus::TransportClient> client(const bus::ServiceEndpoint& /*service*/,
                                                             bus::EndpointEvents /*events*/) override {
    throw LogicError("plain: no requests");
  }
  [[nodiscard]] std::unique_ptr<bus::TransportServer> serve(const bus::ServiceEndpoint& /*service*/,
                                                            bus::EndpointEvents /*events*/) override {
    throw LogicError("plain: no requests");
  }
  void add_node(const bus::NodeInfo& /*node*/) override {}
  void remove_node(const std::string& /*name*/) override {}
  [[nodiscard]] bus::Graph graph() const override { throw LogicError("plain: no graph"); }
  void watch_graph(std::function<void()> /*on_change*/) override { throw LogicError("plain: no graph"); }

 private:
  static void check(const bus::TopicEndpoint& topic) {
    if (topic.qos.reliability == bus::Reliability::kReliable) {
      throw LogicError(topic.name + ": plain is not reliable");
    }
  }
  const std::unique_ptr<bus::Transport> memory_;
};

TEST(PlainTransportTest, ABusWithATransportThatHasNoGraphEnds) {
  const auto come_and_go = [] {
    {
      bus::MemoryNetwork network;
      auto bus = std::make_shared<bus::Bus>();
      bus->add(std::make_shared<PlainTransport>(network.join("here")));
      const Node node("node", bus);
    }
    _exit(0);
  };
  EXPECT_EXIT(come_and_go(), ::testing::ExitedWithCode(0), "");
}

TEST(PlainTransportTest, AnActionServerWorksBesideATransportThatCannotCarryIt) {
  const auto serve = [] {
    bus::MemoryNetwork network;
    static auto bus = std::make_shared<bus::Bus>();  // its end is another test's
    bus->add(std::make_shared<PlainTransport>(network.join("here")));
    Node node("node", bus);
    try {
      const auto server = node.action_server<Fibonacci>("/fibonacci", count);
      const auto client = node.action_client<Fibonacci>("/fibonacci");
      _exit(0);
    } catch (const LogicError&) {
      _exit(1);
    }
  };
  EXPECT_EXIT(serve(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace takt::node
