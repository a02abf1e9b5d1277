// Peers that send what is none, do not take what they asked for, or answer on the thread that asks.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include <unistd.h>

#include "takt/core/log.hpp"
#include "takt/messages/cdr.hpp"
#include "takt/node/internal/type_id.hpp"
#include "takt/node/test/rig.hpp"

namespace takt::node {
namespace {

using namespace testing;

/// A peer on a network with little room that does as it likes.
class BadPeerTest : public ::testing::Test {
 protected:
  BadPeerTest() {
    core::set_log_level(core::LogLevel::kOff);
    near->add(network.join("near"));
    far->add(network.join("far"));
  }
  ~BadPeerTest() override { core::set_log_level(core::LogLevel::kInfo); }
  /// Publishes what is no message.
  void publish_rubbish(int count) {
    const auto publisher =
        peer->advertise({.name = "/topic", .type = internal::type_id<Text>(), .qos = {.depth = 0}, .node = ""}, {});
    for (int i = 0; i < count; ++i) {
      EXPECT_TRUE(publisher->publish(std::vector<std::byte>(1)));
    }
  }

  bus::MemoryNetwork network;
  std::unique_ptr<bus::Transport> peer{network.join("peer")};
  std::shared_ptr<bus::Bus> near{std::make_shared<bus::Bus>()};
  std::shared_ptr<bus::Bus> far{std::make_shared<bus::Bus>()};
  async::EventLoop loop{async::LoopTime::kVirtual};
};

TEST_F(BadPeerTest, MalformedMessagesCountForTheTurnToo) {
  Node node("node", near);
  auto subscription = node.subscribe<Text>("/topic", [](const Text&) {}, {.qos = {.depth = 0}, .take_per_turn = 10});
  publish_rubbish(1000);
  std::uint64_t most_at_once = 0;
  const auto body = [&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> {
      std::uint64_t before = 0;
      while (before < 1000) {
        co_await async::yield();
        const std::uint64_t now = subscription.statistics().malformed;
        most_at_once = std::max(most_at_once, now - before);
        before = now;
      }
    });
  };
  loop.run(body());
  EXPECT_LE(most_at_once, 100U);
}

TEST_F(BadPeerTest, InlineDeliveryCountsWhatIsMalformed) {
  Node node("node", near);
  auto subscription = node.subscribe<Text>("/topic", [](const Text&) {}, {.delivery = Delivery::kInline});
  const auto body = [&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> {
      co_await sleep_for(1ms);
      publish_rubbish(3);
      EXPECT_EQ(subscription.statistics().malformed, 3U);
    });
  };
  loop.run(body());
}

TEST_F(BadPeerTest, InlineHandlersOnTwoHostsMayAnswerEachOther) {
  const auto ping_pong = [this] {
    alarm(20);  // a deadlock ends here
    Node one("one", near);
    Node other("other", far);
    auto ping = one.publisher<Number>("/ping");
    auto pong = other.publisher<Number>("/pong");
    std::int64_t heard = 0;
    one.subscribe<Number>("/pong",
                          [&](const Number& number) {
                            heard = number.data;
                            if (number.data < 3) {
                              EXPECT_TRUE(ping.publish({number.data + 1}));
                            }
                          },
                          {.delivery = Delivery::kInline});
    other.subscribe<Number>("/ping", [&](const Number& number) { EXPECT_TRUE(pong.publish(number)); },
                            {.delivery = Delivery::kInline});
    const auto body = [&]() -> Task<void> {
      co_await with_node(one, other, [&]() -> Task<void> {
        co_await sleep_for(1ms);
        EXPECT_TRUE(ping.publish({1}));
        co_await sleep_for(1ms);
      });
    };
    loop.run(body());
    _exit(heard == 3 ? 0 : 1);
  };
  EXPECT_EXIT(ping_pong(), ::testing::ExitedWithCode(0), "");
}

TEST(HeldBackReplyTest, H3AClientThatDoesNotTakeItsReplyDoesNotHoldUpTheOthers) {
  bus::MemoryNetworkOptions options;
  options.room = 4;
  bus::MemoryNetwork network(options);
  const std::unique_ptr<bus::Transport> peer = network.join("peer");
  auto near = std::make_shared<bus::Bus>();
  near->add(network.join("near"));
  auto far = std::make_shared<bus::Bus>();
  far->add(network.join("far"));
  Node server("server", far);
  Node caller("caller", near);
  server.serve<Add>("/add", [](const AddRequest& request) { return AddResponse{request.a + request.b}; });
  auto client = caller.client<Add>("/add");
  const auto stopped = peer->client({.name = "/add",
                                     .request = internal::request_id<Add>(),
                                     .reply = internal::response_id<Add>(),
                                     .qos = {},
                                     .node = ""},
                                    {});
  async::EventLoop loop(async::LoopTime::kVirtual);
  const auto body = [&]() -> Task<void> {
    co_await with_node(server, caller, [&]() -> Task<void> {
      const std::vector<std::byte> request = messages::to_cdr(AddRequest{1, 2});
      for (int i = 0; i < 8; ++i) {
        EXPECT_TRUE(stopped->request(request));
        co_await sleep_for(1ms);
      }
      const auto response = co_await client.call({1, 2}, {.timeout = 500ms});
      EXPECT_TRUE(response) << to_string(response.error());
    });
  };
  loop.run(body());
}

TEST(ThrowingReplyTest, AResponseThatCannotBeSentIsAFailureOfItsHandler) {
  core::set_log_level(core::LogLevel::kOff);
  bool throws = false;
  bus::MemoryNetworkOptions options;
  options.carry = [&](std::function<void()> deliver) {
    if (std::exchange(throws, false)) {
      throw std::runtime_error("no memory");
    }
    deliver();
  };
  bus::MemoryNetwork network(options);
  auto near = std::make_shared<bus::Bus>();
  near->add(network.join("near"));
  auto far = std::make_shared<bus::Bus>();
  far->add(network.join("far"));
  Node server("server", far);
  Node caller("caller", near);
  auto service = server.serve<Add>("/add",
                                   [&](const AddRequest& request) {
                                     throws = request.a == 1;
                                     return AddResponse{request.a + request.b};
                                   },
                                   {.on_failure = FailurePolicy::log()});
  auto client = caller.client<Add>("/add");
  async::EventLoop loop(async::LoopTime::kVirtual);
  const auto body = [&]() -> Task<void> {
    co_await with_node(server, caller, [&]() -> Task<void> {
      EXPECT_FALSE(co_await client.call({1, 2}, {.timeout = 500ms}));
      const auto response = co_await client.call({2, 2}, {.timeout = 500ms});
      EXPECT_EQ(response ? response->sum : 0, 4);
    });
  };
  loop.run(body());
  EXPECT_EQ(service.statistics().failures, 1U);
  core::set_log_level(core::LogLevel::kInfo);
}

TEST_F(BadPeerTest, AClientThatAsksWithoutEndLeavesRoomForTheOthers) {
  Node server("server", far);
  Node caller("caller", near);
  auto service = server.serve<Add>("/add",
                                   [](const AddRequest& request) -> Task<AddResponse> {
                                     if (request.a == 1) {
                                       co_await sleep_for(10s);
                                     }
                                     co_return AddResponse{request.a + request.b};
                                   },
                                   {.delivery = Delivery::kConcurrent, .max_concurrent = 4, .max_per_client = 2});
  auto client = caller.client<Add>("/add");
  const auto stranger = peer->client({.name = "/add",
                                      .request = internal::request_id<Add>(),
                                      .reply = internal::response_id<Add>(),
                                      .qos = {},
                                      .node = ""},
                                     {});
  const auto body = [&]() -> Task<void> {
    co_await with_node(server, caller, [&]() -> Task<void> {
      const std::vector<std::byte> request = messages::to_cdr(AddRequest{1, 2});
      for (int i = 0; i < 8; ++i) {
        EXPECT_TRUE(stranger->request(request));
      }
      const auto response = co_await client.call({2, 2}, {.timeout = 1s});
      EXPECT_EQ(response ? response->sum : 0, 4);
      EXPECT_EQ(service.statistics().refused, 6U);
      co_await sleep_for(20s);  // the two are done: there is room for it again
      EXPECT_TRUE(stranger->request(request));
      co_await sleep_for(1s);
      EXPECT_EQ(service.statistics().running, 1U);
      EXPECT_EQ(service.statistics().refused, 6U);
    });
  };
  loop.run(body());
}

TEST_F(BadPeerTest, AnInlineSubscriptionThatFindsALongRowTakesItInTurns) {
  constexpr int kMessages = 1000;
  const auto latched = bus::Qos{.durability = bus::Durability::kTransientLocal, .depth = kMessages};
  const auto publisher =
      peer->advertise({.name = "/topic", .type = internal::type_id<Number>(), .qos = latched, .node = ""}, {});
  for (std::int64_t i = 0; i < kMessages; ++i) {
    EXPECT_TRUE(publisher->publish(messages::to_cdr(Number{i})));
  }
  std::vector<std::int64_t> heard;
  Node node("node", near);
  node.subscribe<Number>("/topic", [&](const Number& number) { heard.push_back(number.data); },
                         {.qos = latched, .delivery = Delivery::kInline});
  std::size_t most_at_once = 0;
  const auto body = [&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> {
      std::size_t before = 0;
      while (before < kMessages) {
        co_await async::yield();
        most_at_once = std::max(most_at_once, heard.size() - before);
        before = heard.size();
      }
    });
  };
  loop.run(body());
  EXPECT_EQ(heard.size(), std::size_t{kMessages});
  EXPECT_TRUE(std::ranges::is_sorted(heard));
  EXPECT_LT(most_at_once, std::size_t{kMessages});
}

}  // namespace
}  // namespace takt::node
