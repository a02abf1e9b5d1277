#include "takt/node/publisher.hpp"

#include <string>
#include <vector>

#include "takt/node/test/rig.hpp"

// Names that begin with P, N or H and a number are the lines of the conformance checklist.

namespace takt::node {
namespace {

using namespace testing;

class PublisherTest : public NodesTest {};
INSTANTIATE_TEST_SUITE_P(, PublisherTest, ::testing::ValuesIn(ways()), name_of);

TEST_P(PublisherTest, P1PublishingOnADestroyedPublisherThrows) {
  Node node("node", near());
  auto publisher = node.publisher<Text>("/topic");
  publisher.destroy();
  EXPECT_THROW(static_cast<void>(publisher.publish({"?"})), LogicError);
  run([&]() -> Task<void> {
    EXPECT_THROW(static_cast<void>(co_await publisher.publish_when_ready({"?"})), LogicError);
  });
}

TEST_P(PublisherTest, P2APublisherOfANodeThatIsNeverEnteredDelivers) {
  Node talker("talker", near());
  Node listener("listener", far());
  auto texts = listener.subscribe<Text>("/topic");
  EXPECT_TRUE(talker.publisher<Text>("/topic").publish({"hello"}));
  run([&]() -> Task<void> {
    const auto received = co_await async::with_timeout(10s, texts.next());
    EXPECT_EQ(received ? received->message.data : "", "hello");
  });
}

TEST_P(PublisherTest, N12CountsItsSubscribersAndTheyTheirPublishers) {
  Node talker("talker", near());
  Node listener("listener", far());
  auto publisher = talker.publisher<Text>("/topic");
  EXPECT_EQ(publisher.subscribers(), 0U);
  auto subscription = listener.subscribe<Text>("/topic");
  EXPECT_EQ(publisher.subscribers(), 1U);
  EXPECT_EQ(subscription.publishers(), 1U);
  subscription.destroy();
  EXPECT_EQ(publisher.subscribers(), 0U);
}

TEST_P(PublisherTest, WaitsForSubscribersWithoutPolling) {
  run([&]() -> Task<void> {
    Node talker("talker", near());
    Node listener("listener", far());
    auto publisher = talker.publisher<Text>("/topic");
    EXPECT_FALSE(co_await publisher.wait_for_subscribers(1, 10ms));
    co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("listener", [&]() -> Task<void> {
        co_await sleep_for(1s);
        static_cast<void>(listener.subscribe<Text>("/topic"));
        co_await sleep_for(1s);
        static_cast<void>(listener.subscribe<Text>("/topic"));
      });
      EXPECT_TRUE(co_await publisher.wait_for_subscribers(2));
      EXPECT_EQ(loop().clock().now_ns(), 2'010'000'000);
      co_return kJoin;
    });
  });
}

TEST_P(PublisherTest, WaitingForSubscribersEndsWithThePublisher) {
  run([&]() -> Task<void> {
    Node talker("talker", near());
    auto publisher = talker.publisher<Text>("/topic");
    co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("end", [&]() -> Task<void> {
        co_await sleep_for(1s);
        publisher.destroy();
      });
      EXPECT_FALSE(co_await publisher.wait_for_subscribers(1));
      co_return kJoin;
    });
  });
}

TEST_P(PublisherTest, AMessageMayNotHaveTwoTypes) {
  Node node("node", near());
  static_cast<void>(node.publisher<Text>("/topic"));
  try {
    static_cast<void>(node.publisher<Number>("/topic"));
    FAIL() << "was not refused";
  } catch (const LogicError& error) {
    EXPECT_NE(std::string(error.what()).find("std_msgs::String"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("std_msgs::Int64"), std::string::npos) << error.what();
  }
}

// A reader that keeps all, and has room for a few: its publisher meets the end of the room.
class FullTransportTest : public ::testing::Test {
 protected:
  static bus::MemoryNetworkOptions small() {
    bus::MemoryNetworkOptions options;
    options.room = 4;
    return options;
  }
  bus::MemoryNetwork network{small()};
  [[nodiscard]] std::shared_ptr<bus::Bus> join(const std::string& host) {
    auto bus = std::make_shared<bus::Bus>();
    bus->add(network.join(host));
    return bus;
  }
  Node talker{"talker", join("near")};
  Node listener{"listener", join("far")};
  Subscription<Number> numbers{listener.subscribe<Number>("/topic", {.qos = {.depth = 0}})};
  Publisher<Number> publisher{talker.publisher<Number>("/topic", {.qos = {.depth = 0}})};
  async::EventLoop loop{async::LoopTime::kVirtual};
};

TEST_F(FullTransportTest, H4PublishTellsThatThereIsNoRoomAndDoesNotBlock) {
  std::uint64_t refused = 0;
  for (std::int64_t i = 0; i < 10; ++i) {
    const auto sent = publisher.publish({i});
    if (!sent) {
      EXPECT_EQ(sent.error(), bus::SendError::kWouldBlock);
      ++refused;
    }
  }
  EXPECT_EQ(refused, 6U);
  EXPECT_EQ(publisher.statistics().published, 10U);
  EXPECT_EQ(publisher.statistics().refused, 6U);
}

TEST_F(FullTransportTest, H4PublishWhenReadyWaitsForRoomAndLosesNothing) {
  std::vector<std::int64_t> read;
  const auto body = [&]() -> Task<void> {
    co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("reader", [&]() -> Task<void> {
        while (read.size() < 50) {
          co_await sleep_for(20ms);
          const auto received = co_await numbers.next();
          read.push_back(received->message.data);
        }
      });
      for (std::int64_t i = 0; i < 50; ++i) {
        EXPECT_TRUE(co_await publisher.publish_when_ready({i}));
      }
      co_return kJoin;
    });
  };
  loop.run(body());
  ASSERT_EQ(read.size(), 50U);
  EXPECT_TRUE(std::ranges::is_sorted(read));
  EXPECT_EQ(publisher.statistics().refused, 0U);
}

TEST_F(FullTransportTest, PublishWhenReadyEndsWithThePublisher) {
  const auto body = [&]() -> Task<void> {
    co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("end", [&]() -> Task<void> {
        co_await sleep_for(1s);
        talker.destroy();
      });
      for (std::int64_t i = 0; i < 4; ++i) {
        EXPECT_TRUE(co_await publisher.publish_when_ready({i}));
      }
      const auto sent = co_await publisher.publish_when_ready({4});
      EXPECT_FALSE(sent);
      EXPECT_EQ(sent.error(), bus::SendError::kClosed);
      co_return kJoin;
    });
  };
  loop.run(body());
}

}  // namespace
}  // namespace takt::node
