// How often a message is copied in one process: never for those who look, once for all who keep, never when it is given
// away.

#include "takt/node/received.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "takt/node/test/rig.hpp"

namespace takt::node {

// Outside of the unnamed namespace: GCC warns where what is made of a type without linkage is defined in a header.
/// Counts how often messages are copied, by construction or assignment. Has no wire form, and memory of its own.
struct Counted {
  Counted() = default;
  explicit Counted(int number) : text(std::to_string(number)) {}
  Counted(const Counted& other) : text(other.text) { ++copies; }
  Counted(Counted&&) = default;
  Counted& operator=(const Counted& other) {
    if (this != &other) {
      text = other.text;
      ++copies;
    }
    return *this;
  }
  Counted& operator=(Counted&&) = default;
  ~Counted() = default;

  std::string text;
  static inline std::atomic<int> copies{0};
};

namespace {

using namespace testing;

class ReceivedTest : public ::testing::Test {
 protected:
  ReceivedTest() { Counted::copies = 0; }

  Subscription<Counted> subscribe(const std::string& topic = "/topic", std::uint32_t depth = 1000) {
    return node_.subscribe<Counted>(topic, SubscriptionOptions{.qos = {.depth = depth}});
  }
  void run(const std::function<Task<void>()>& body) { loop_.run(body()); }
  /// What has come and was not taken.
  std::vector<Received<Counted>> take_all(const Subscription<Counted>& subscription) {
    std::vector<Received<Counted>> all;
    const auto read = [&]() -> Task<void> {
      while (const auto received = co_await subscription.next()) {
        all.push_back(*received);
      }
    };
    run([&]() -> Task<void> { static_cast<void>(co_await async::with_timeout(1ms, read())); });
    return all;
  }

  async::EventLoop loop_{async::LoopTime::kVirtual};
  std::shared_ptr<bus::Bus> bus_{std::make_shared<bus::Bus>()};
  Node node_{"node", bus_};
};

TEST_F(ReceivedTest, AllSubscriptionsShareOneCopyOfAMessage) {
  const auto publisher = node_.publisher<Counted>("/topic");
  const auto first = subscribe();
  EXPECT_TRUE(publisher.publish(Counted(1)));
  EXPECT_EQ(Counted::copies, 1);
  const auto second = subscribe();
  const auto third = subscribe();
  EXPECT_TRUE(publisher.publish(Counted(2)));
  EXPECT_EQ(Counted::copies, 2);
  const auto of_first = take_all(first);
  const auto of_second = take_all(second);
  const auto of_third = take_all(third);
  ASSERT_EQ(of_first.size(), 2U);
  ASSERT_EQ(of_second.size(), 1U);
  ASSERT_EQ(of_third.size(), 1U);
  EXPECT_EQ(of_first[0].message.text, "1");
  EXPECT_EQ(of_first[1].message.text, "2");
  EXPECT_EQ(&of_first[1].message, &of_second[0].message);
  EXPECT_EQ(&of_first[1].message, &of_third[0].message);
  EXPECT_EQ(Counted::copies, 2) << "reading copies nothing";
}

TEST_F(ReceivedTest, AMessageThatIsGivenAwayIsNotCopied) {
  const auto publisher = node_.publisher<Counted>("/topic");
  const std::vector<Subscription<Counted>> subscriptions{subscribe(), subscribe(), subscribe()};
  const auto message = std::make_shared<const Counted>(1);
  EXPECT_TRUE(publisher.publish(message));
  EXPECT_TRUE(publisher.publish(std::make_unique<Counted>(2)));
  EXPECT_TRUE(publisher.publish(std::make_shared<Counted>(3)));
  run([&]() -> Task<void> {
    EXPECT_TRUE(co_await publisher.publish_when_ready(Counted(4)));
    EXPECT_TRUE(co_await publisher.publish_when_ready(std::make_unique<Counted>(5)));
  });
  for (const auto& subscription : subscriptions) {
    const auto all = take_all(subscription);
    ASSERT_EQ(all.size(), 5U);
    EXPECT_EQ(&all[0].message, message.get());
    EXPECT_EQ(all[4].message.text, "5");
  }
  EXPECT_EQ(Counted::copies, 0);
  EXPECT_EQ(bus_->topic<Counted>("/topic").latest()->text, "5") << "which copies it out";
  EXPECT_THROW(static_cast<void>(publisher.publish(std::shared_ptr<const Counted>())), LogicError);
  EXPECT_EQ(publisher.statistics().published, 5U);
}

TEST_F(ReceivedTest, WhatIsReceivedIsPassedOnWithoutACopy) {
  const auto in = node_.publisher<Counted>("/in");
  const auto out = node_.publisher<Counted>("/out");
  const auto passed = subscribe("/in");
  const auto heard = subscribe("/out");
  EXPECT_TRUE(in.publish(std::make_unique<Counted>(1)));
  for (const auto& received : take_all(passed)) {
    EXPECT_TRUE(out.publish(received.shared()));
  }
  const auto all = take_all(heard);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].message.text, "1");
  EXPECT_EQ(Counted::copies, 0);
}

TEST_F(ReceivedTest, WhatIsKeptForWhoComesLateIsTheSameMessageToo) {
  const auto latched = bus::Qos::latched();
  const auto publisher = node_.publisher<Counted>("/topic", {.qos = latched});
  const auto early = subscribe();
  EXPECT_TRUE(publisher.publish(Counted(1)));
  const auto late = node_.subscribe<Counted>("/topic", SubscriptionOptions{.qos = latched});
  const auto of_early = take_all(early);
  const auto of_late = take_all(late);
  ASSERT_EQ(of_early.size(), 1U);
  ASSERT_EQ(of_late.size(), 1U);
  EXPECT_EQ(&of_early[0].message, &of_late[0].message);
  EXPECT_EQ(Counted::copies, 1);
}

TEST_F(ReceivedTest, AMessageThatIsPublishedInsideAnInlineHandlerIsItself) {
  const auto publisher = node_.publisher<Counted>("/topic");
  const auto answers = node_.publisher<Counted>("/topic");
  const auto before = subscribe();
  bool answered = false;
  node_.subscribe<Counted>("/topic",
                           [&](const Counted& message) {
                             if (!std::exchange(answered, true)) {
                               EXPECT_TRUE(answers.publish(Counted(std::stoi(message.text) + 1)));
                             }
                           },
                           {.delivery = Delivery::kInline});
  std::vector<std::string> heard_after;
  run([&]() -> Task<void> {
    co_await with_node(node_, [&]() -> Task<void> {
      co_await async::yield();  // the inline subscription begins when its task does
      const auto after = subscribe();
      EXPECT_TRUE(publisher.publish(Counted(1)));
      for (int i = 0; i < 2; ++i) {
        heard_after.push_back((co_await after.next())->message.text);
      }
      EXPECT_EQ((co_await before.next())->message.text, "1");
      EXPECT_EQ((co_await before.next())->message.text, "2");
    });
  });
  EXPECT_EQ(heard_after, (std::vector<std::string>{"2", "1"}));
  EXPECT_TRUE(answered);
  EXPECT_EQ(Counted::copies, 2) << "one of each";
}

TEST_F(ReceivedTest, WhoOnlyLooksCausesNoSharedCopy) {
  const auto publisher = node_.publisher<Local>("/topic");
  const Local* looked_at = nullptr;
  auto subscription = bus_->topic<Local>("/topic").subscribe("looker", [&](const Local& local) { looked_at = &local; });
  const Local local{.value = 1};
  EXPECT_TRUE(publisher.publish(local));
  EXPECT_EQ(looked_at, &local);
}

TEST_F(ReceivedTest, IsAssignedWithItsMessage) {
  Received<Counted> one(std::make_shared<const Counted>(1), {});
  const Received<Counted> other(std::make_shared<const Counted>(2), {.received_ns = 5});
  one = other;
  EXPECT_EQ(one.message.text, "2");
  EXPECT_EQ(&one.message, other.shared().get());
  EXPECT_EQ(one.info.received_ns, 5);
  const Received<Counted>& itself = one;
  one = itself;
  EXPECT_EQ(one.message.text, "2");
}

TEST_F(ReceivedTest, TwoThreadsThatPublishShareEachTheirOwn) {
  constexpr int kEach = 400;
  const auto publisher = node_.publisher<Counted>("/topic");
  const auto one = subscribe();
  const auto other = subscribe();
  const auto publish = [&](int first) {
    for (int i = 0; i < kEach; ++i) {
      EXPECT_TRUE(publisher.publish(Counted(first + i)));
    }
  };
  {
    const std::jthread thread([&] { publish(kEach); });
    publish(0);
  }
  EXPECT_EQ(Counted::copies, 2 * kEach);
  const auto of_one = take_all(one);
  const auto of_other = take_all(other);
  std::set<const Counted*> messages;
  int sum = 0;
  for (const auto& received : of_one) {
    messages.insert(&received.message);
    sum += std::stoi(received.message.text);
  }
  EXPECT_EQ(messages.size(), 2U * kEach);
  EXPECT_EQ(sum, kEach * (2 * kEach - 1)) << "each number once";
  EXPECT_EQ(of_other.size(), 2U * kEach);
  EXPECT_TRUE(
      std::ranges::all_of(of_other, [&](const auto& received) { return messages.contains(&received.message); }));
}

}  // namespace
}  // namespace takt::node
