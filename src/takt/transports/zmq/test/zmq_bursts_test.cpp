// Many small messages at once: they go together, and none is late, lost or out of order for that.
#include <atomic>
#include <map>
#include <utility>

#include "takt/transports/zmq/test/proxy.hpp"

namespace takt::bus::test {
namespace {

constexpr int kMany = 3000;

TopicEndpoint topic(std::uint32_t depth, Durability durability = Durability::kVolatile) {
  Qos qos;
  qos.depth = depth;
  qos.durability = durability;
  return {.name = "/topic", .type = {.name = "std_msgs/msg/String"}, .qos = qos, .node = {}};
}

ServiceEndpoint service() {
  return {.name = "/service", .request = {.name = "q"}, .reply = {.name = "r"}, .qos = {}, .node = {}};
}

/// Of several sizes: some are too large to go with others.
std::string text(int number) {
  return std::to_string(number) + std::string(number % 50 == 0 ? 5000 : static_cast<std::size_t>(number % 7), ' ');
}

class ZmqBurstsTest : public testing::Test {
 protected:
  const Binder binder = bind_ipc();
  const std::unique_ptr<zmq::ZmqTransport> desk = zmq::open_zmq(connector(binder));
};

TEST_F(ZmqBurstsTest, AllOfABurstArrivesInOrderThoughNothingFollowsIt) {
  const auto publisher = binder.transport->advertise(topic(0), {});
  const auto subscription = desk->subscribe(topic(0), {});
  const auto other = desk->subscribe(topic(0), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 2; }));
  std::vector<std::string> expected;
  for (int i = 0; i < kMany; ++i) {
    expected.push_back(text(i));
    ASSERT_TRUE(send_when_ready([&] { return publisher->publish(bytes_of(expected.back())); }));
  }
  EXPECT_EQ(take_count(*subscription, expected.size()), expected);
  EXPECT_EQ(take_count(*other, expected.size()), expected);
  EXPECT_EQ(subscription->lost(), 0);
}

TEST_F(ZmqBurstsTest, OfEachMessageSequenceAndTimesAreItsOwn) {
  const auto publisher = desk->advertise(topic(0), {});
  const auto subscription = binder.transport->subscribe(topic(0), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1; }));
  const core::Nanoseconds begin_ns = core::wall_now_ns();
  for (int i = 0; i < kMany; ++i) {
    ASSERT_TRUE(send_when_ready([&] { return publisher->publish(bytes_of("x")); }));
  }
  const core::Nanoseconds end_ns = core::wall_now_ns();
  MessageInfo last;
  last.source_wall_ns = begin_ns;
  const auto compare = [&](Bytes, const MessageInfo& info) {
    EXPECT_EQ(info.sequence, last.sequence + 1);
    EXPECT_GE(info.source_wall_ns, last.source_wall_ns);
    EXPECT_GE(info.received_ns, last.received_ns);
    last = info;
  };
  ASSERT_TRUE(eventually([&] {
    while (subscription->take(compare)) {
    }
    return last.sequence == kMany;
  })) << last.sequence;
  EXPECT_LE(last.source_wall_ns, end_ns);
}

TEST_F(ZmqBurstsTest, TheLastOfABurstArrivesThoughItsPublisherHasGone) {
  TopicEndpoint best_effort = topic(5);
  best_effort.qos.reliability = Reliability::kBestEffort;
  const auto subscription = desk->subscribe(best_effort, {});
  auto publisher = binder.transport->advertise(best_effort, {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1; }));
  for (int i = 1; i <= 60; ++i) {  // fewer than may be on the way
    ASSERT_TRUE(publisher->publish(bytes_of(std::to_string(i))));
  }
  publisher.reset();
  std::string last;
  EXPECT_TRUE(eventually([&] {
    for (const std::string& one : take_all(*subscription)) {
      last = one;
    }
    return last == "60";
  })) << last;
}

TEST_F(ZmqBurstsTest, RequestsAndRepliesGoTogetherAndFindTheirOwn) {
  const auto server = binder.transport->serve(service(), {});
  const auto client = desk->client(service(), {});
  const auto other = desk->client(service(), {});
  ASSERT_TRUE(eventually([&] { return client->matched().current == 1 && other->matched().current == 1; }));
  std::map<std::int64_t, int> asked;
  for (int i = 0; i < kMany; ++i) {
    for (TransportClient* const from : {client.get(), other.get()}) {
      Expected<RequestId, SendError> id = Unexpected(SendError::kWouldBlock);
      ASSERT_TRUE(eventually([&] {
        id = from->request(bytes_of(std::to_string(i)));
        return id.has_value();
      }));
      asked[id->sequence] = i;
    }
  }
  std::vector<std::pair<RequestId, std::string>> requests;
  ASSERT_TRUE(eventually([&] {
    while (server->take(
        [&](const RequestId& id, Bytes bytes, const MessageInfo&) { requests.emplace_back(id, text_of(bytes)); })) {
    }
    return requests.size() == 2 * kMany;
  })) << requests.size();
  for (const auto& [id, what] : requests) {
    ASSERT_TRUE(eventually([&] { return server->reply(id, bytes_of(what)).has_value(); }));
  }
  for (TransportClient* const at : {client.get(), other.get()}) {
    int came = 0;
    const auto compare = [&](const RequestId& id, Bytes bytes, const MessageInfo&) {
      ++came;
      EXPECT_EQ(text_of(bytes), std::to_string(asked.at(id.sequence)));
    };
    EXPECT_TRUE(eventually([&] {
      while (at->take(compare)) {
      }
      return came == kMany;
    })) << came;
  }
}

TEST_F(ZmqBurstsTest, TheLastOfABurstWaitsForNoSubscriberOfTheProcessThatSpeaks) {
  std::atomic<bool> runs{false};
  std::atomic<bool> returns{false};
  EndpointEvents slow;
  slow.on_data = [&] {
    runs = true;
    static_cast<void>(eventually([&] { return returns.load(); }, std::chrono::seconds(20)));
  };
  const auto publisher = binder.transport->advertise(topic(100), {});
  const auto subscription = desk->subscribe(topic(100), {});
  TopicEndpoint other = topic(1);
  other.name = "/other";
  const auto busy = binder.transport->subscribe(other, slow);
  const auto its_publisher = desk->advertise(other, {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1 && its_publisher->matched().current == 1; }));
  ASSERT_TRUE(its_publisher->publish(bytes_of("something")));
  ASSERT_TRUE(eventually([&] { return runs.load(); }));
  std::string last;
  for (int i = 1; i <= 500; ++i) {  // fewer than are granted
    ASSERT_TRUE(publisher->publish(bytes_of(std::to_string(i))));
  }
  EXPECT_TRUE(eventually([&] {
    for (const std::string& one : take_all(*subscription)) {
      last = one;
    }
    return last == "500";
  })) << last;
  returns = true;
}

TEST(ZmqKeptBurstTest, OfWhatIsKeptOnlyWhatIsNewIsHeardAgain) {
  const Binder binder = bind_ipc();
  Proxy proxy(binder.options.address);
  zmq::ZmqOptions options = connector(binder);
  options.address = proxy.own();
  const auto desk = zmq::open_zmq(options);
  const auto publisher = binder.transport->advertise(topic(100, Durability::kTransientLocal), {});
  const auto subscription = desk->subscribe(topic(100, Durability::kTransientLocal), {});
  std::vector<std::string> first;
  for (int i = 0; i < 50; ++i) {
    first.push_back(std::to_string(i));
    ASSERT_TRUE(publisher->publish(bytes_of(first.back())));
  }
  EXPECT_EQ(take_count(*subscription, first.size()), first);
  proxy.stall(true);
  ASSERT_TRUE(publisher->publish(bytes_of("under way")));
  proxy.lose_connections(Proxy::Notices::kConnector);
  ASSERT_TRUE(publisher->publish(bytes_of("after")));
  proxy.stall(false);
  EXPECT_EQ(take_count(*subscription, 2), (std::vector<std::string>{"under way", "after"}));
  EXPECT_EQ(subscription->lost(), 0);
}

}  // namespace
}  // namespace takt::bus::test
