#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/transports/dds/test/dds_test.hpp"

// Publishers and subscriptions over the loopback interface.
namespace takt::dds {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::own;
using Bytes = std::vector<std::byte>;

class DdsTopic : public testing::Test {
 protected:
  /// Publishes until it is taken away from us, as publish_when_ready does.
  static void publish(bus::TransportPublisher& publisher, std::string_view text) {
    ASSERT_TRUE(eventually([&] { return publisher.publish(test::text(text)).has_value(); }));
  }

  static std::vector<std::string> take(bus::TransportSubscription& subscription, std::size_t count) {
    std::vector<std::string> taken;
    EXPECT_TRUE(eventually([&] {
      const auto more = test::take_texts(subscription);
      taken.insert(taken.end(), more.begin(), more.end());
      return taken.size() >= count;
    })) << "got "
        << taken.size();
    return taken;
  }

  /// Both ends know of each other: from then on nothing is lost.
  static bool paired(const bus::TransportPublisher& publisher, const bus::TransportSubscription& subscription) {
    return eventually([&] { return publisher.matched().current == 1 && subscription.matched().current == 1; });
  }

  const std::shared_ptr<bus::Transport> here = test::open();
  const std::shared_ptr<bus::Transport> there = test::open();
};

TEST_F(DdsTopic, MessagesArriveInOrderWithSenderSequenceAndTimes) {
  const auto publisher = here->advertise(test::topic(own("/order")), {});
  const auto subscription = there->subscribe(test::topic(own("/order")), {});
  ASSERT_TRUE(paired(*publisher, *subscription));
  const core::Nanoseconds before_ns = core::monotonic_now_ns();
  const core::Nanoseconds before_wall_ns = core::wall_now_ns();
  for (const char* text : {"a", "b", "c"}) {
    publish(*publisher, text);
  }
  std::vector<bus::MessageInfo> infos;
  ASSERT_TRUE(eventually([&] {
    return !subscription->take([&](bus::Bytes bytes, const bus::MessageInfo& info) {
      EXPECT_EQ(test::text_of(bytes), std::string(1, static_cast<char>('a' + infos.size())));
      infos.push_back(info);
    }) && infos.size() == 3;
  }));
  for (std::size_t i = 0; i < infos.size(); ++i) {
    EXPECT_EQ(infos[i].sequence, i + 1);
    EXPECT_EQ(infos[i].sender, infos[0].sender);
    EXPECT_GE(infos[i].received_ns, before_ns);
    EXPECT_LE(infos[i].received_ns, core::monotonic_now_ns());
    EXPECT_GE(infos[i].source_wall_ns, before_wall_ns);
    EXPECT_LE(infos[i].source_wall_ns, core::wall_now_ns());
  }
  EXPECT_NE(infos[0].sender, (std::array<std::uint8_t, 16>{}));
  EXPECT_EQ(subscription->lost(), 0U);
}

TEST_F(DdsTopic, AnEndpointOfTheSameTransportHearsNothing) {
  const auto publisher = here->advertise(test::topic(own("/self")), {});
  const auto same = here->subscribe(test::topic(own("/self")), {});
  const auto other = there->subscribe(test::topic(own("/self")), {});
  ASSERT_TRUE(paired(*publisher, *other));
  publish(*publisher, "x");
  EXPECT_EQ(take(*other, 1).size(), 1U);
  EXPECT_TRUE(test::take_texts(*same).empty());
  EXPECT_EQ(same->matched().current, 0U);
  EXPECT_EQ(publisher->matched().current, 1U);
}

TEST_F(DdsTopic, ALargeMessageArrivesWholeAndInOnePiece) {
  const auto publisher = here->advertise(test::topic(own("/large")), {});
  const auto subscription = there->subscribe(test::topic(own("/large")), {});
  ASSERT_TRUE(paired(*publisher, *subscription));
  std::string large(3'000'001, ' ');
  for (std::size_t i = 0; i < large.size(); ++i) {
    large[i] = static_cast<char>('a' + i % 23);
  }
  publish(*publisher, large);
  const auto taken = take(*subscription, 1);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_TRUE(taken[0] == large);
}

TEST_F(DdsTopic, DataIsToldAndAgainOnlyAfterNothingWasLeft) {
  std::atomic<int> rings{0};
  const auto publisher = here->advertise(test::topic(own("/bell"), test::depth(100)), {});
  const auto subscription =
      there->subscribe(test::topic(own("/bell"), test::depth(100)), test::on_data([&] { ++rings; }));
  ASSERT_TRUE(paired(*publisher, *subscription));
  int told = 0;
  int looks = 0;  // each ended with nothing left
  for (int burst = 1; burst <= 3; ++burst) {
    for (int i = 0; i < 10; ++i) {
      publish(*publisher, "x");
    }
    std::size_t taken = 0;
    ASSERT_TRUE(eventually([&] {
      if (rings == told) {
        return false;
      }
      told = rings;
      taken += test::take_texts(*subscription).size();
      ++looks;
      EXPECT_LE(rings, looks + 1);
      return taken == 10;
    })) << taken;
  }
  publish(*publisher, "the last");
  EXPECT_EQ(take(*subscription, 1).size(), 1U);
}

TEST_F(DdsTopic, AMessageCanBeTakenInsideTheEventOnTheReceiveThread) {
  std::mutex mutex;
  std::vector<std::string> taken;
  std::optional<std::thread::id> thread;
  std::atomic<bus::TransportSubscription*> subscription{nullptr};
  const auto publisher = here->advertise(test::topic(own("/inside")), {});
  const auto made = there->subscribe(test::topic(own("/inside")), test::on_data([&] {
                                       if (auto* const from = subscription.load()) {
                                         const std::lock_guard lock(mutex);
                                         thread = std::this_thread::get_id();
                                         const auto texts = test::take_texts(*from);
                                         taken.insert(taken.end(), texts.begin(), texts.end());
                                       }
                                     }));
  subscription = made.get();
  ASSERT_TRUE(paired(*publisher, *made));
  publish(*publisher, "1");
  publish(*publisher, "2");
  ASSERT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return taken == std::vector<std::string>{"1", "2"};
  }));
  EXPECT_NE(*thread, std::this_thread::get_id());
}

TEST_F(DdsTopic, ALateJoinerGetsWhatWasRetainedAndIsToldOfIt) {
  const auto publisher = here->advertise(test::topic(own("/latched"), bus::Qos::latched()), {});
  publish(*publisher, "old");
  publish(*publisher, "kept");
  std::atomic<int> rings{0};
  const auto subscription =
      there->subscribe(test::topic(own("/latched"), bus::Qos::latched()), test::on_data([&] { ++rings; }));
  ASSERT_TRUE(eventually([&] { return rings == 1; }));
  EXPECT_EQ(take(*subscription, 1), std::vector<std::string>{"kept"});
  const auto not_asking = there->subscribe(test::topic(own("/latched")), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 2 && not_asking->matched().current == 1; }));
  publish(*publisher, "new");
  EXPECT_EQ(take(*not_asking, 1), std::vector<std::string>{"new"});
}

TEST_F(DdsTopic, TheLatestWinsAndWhatItOverwroteIsCounted) {
  const auto publisher = here->advertise(test::topic(own("/latest"), test::depth(1000)), {});
  const auto subscription = there->subscribe(test::topic(own("/latest"), test::depth(1)), {});
  const auto witness = there->subscribe(test::topic(own("/latest"), test::depth(1000)), {});
  ASSERT_TRUE(eventually([&] {
    return publisher->matched().current == 2 && subscription->matched().current == 1 && witness->matched().current == 1;
  }));
  publish(*publisher, "first");
  EXPECT_EQ(take(*subscription, 1), std::vector<std::string>{"first"});
  for (int i = 0; i < 50; ++i) {
    publish(*publisher, std::to_string(i));
  }
  EXPECT_EQ(take(*witness, 51).size(), 51U);
  ASSERT_TRUE(eventually([&] {
    const auto taken = test::take_texts(*subscription);
    return !taken.empty() && taken.back() == "49";
  }));
  EXPECT_EQ(subscription->lost() + 1, 50U);
  EXPECT_EQ(witness->lost(), 0U);
}

TEST_F(DdsTopic, WhoKeepsAllPressesBackWithoutBlockingAndLosesNothing) {
  DdsOptions options = test::options();
  options.keep_all_samples = 20;
  const auto slow = open_dds(options);
  const bus::Qos all = test::depth(0);
  const auto publisher = here->advertise(test::topic(own("/all"), all), {});
  const auto subscription = slow->subscribe(test::topic(own("/all"), all), {});
  ASSERT_TRUE(paired(*publisher, *subscription));
  const std::string filler(10'000, '.');
  int published = 0;
  std::optional<bus::SendError> refused;
  while (published < 5000 && !refused) {
    const auto sent = publisher->publish(test::text(std::to_string(published) + filler));
    if (sent) {
      ++published;
    } else {
      refused = sent.error();
    }
  }
  ASSERT_EQ(refused, bus::SendError::kWouldBlock) << published;
  EXPECT_GE(published, 20);
  int taken = 0;
  ASSERT_TRUE(eventually([&] {
    while (subscription->take([&](bus::Bytes bytes, const bus::MessageInfo&) {
      EXPECT_EQ(test::text_of(bytes), std::to_string(taken) + filler);
      ++taken;
    })) {
    }
    return taken == published;
  })) << taken
      << " of " << published;
  EXPECT_TRUE(eventually([&] { return publisher->publish(test::text("room again")).has_value(); }));
  EXPECT_EQ(subscription->lost(), 0U);
}

TEST_F(DdsTopic, AFullSubscriptionThatGoesFreesTheOthers) {
  DdsOptions options = test::options();
  options.keep_all_samples = 5;
  const auto slow = open_dds(options);
  const auto publisher = here->advertise(test::topic(own("/full"), test::depth(0)), {});
  auto full = slow->subscribe(test::topic(own("/full"), test::depth(0)), {});
  const auto other_publisher = here->advertise(test::topic(own("/free")), {});
  const auto other = slow->subscribe(test::topic(own("/free")), {});
  ASSERT_TRUE(paired(*publisher, *full) && paired(*other_publisher, *other));
  for (int i = 0; i < 20; ++i) {
    publish(*publisher, "more than fits");
  }
  full.reset();
  publish(*other_publisher, "through");
  EXPECT_EQ(take(*other, 1), std::vector<std::string>{"through"});
}

TEST_F(DdsTopic, BothEndsLearnOfComingAndGoing) {
  std::mutex mutex;
  std::vector<std::size_t> seen;
  const auto note = [&](const bus::Matched& matched) {
    const std::lock_guard lock(mutex);
    seen.push_back(matched.current);
  };
  const auto saw = [&](std::vector<std::size_t> expected) {
    return eventually([&] {
      const std::lock_guard lock(mutex);
      return seen == expected;
    });
  };
  const auto publisher = here->advertise(test::topic(own("/match")), test::on_matched(note));
  auto subscription = there->subscribe(test::topic(own("/match")), {});
  ASSERT_TRUE(saw({1}));
  subscription.reset();
  ASSERT_TRUE(saw({1, 0}));
  EXPECT_EQ(publisher->matched().total, 1U);
  auto leaving = test::open();
  subscription = leaving->subscribe(test::topic(own("/match")), {});
  ASSERT_TRUE(saw({1, 0, 1}));
  subscription.reset();
  leaving.reset();
  ASSERT_TRUE(saw({1, 0, 1, 0}));
  EXPECT_EQ(publisher->matched().total, 2U);
}

TEST_F(DdsTopic, AMissedDeadlineIsToldAtBothEnds) {
  bus::Qos qos;
  qos.deadline_ns = 50'000'000;
  std::atomic<int> offered{0};
  std::atomic<int> requested{0};
  const auto missed = [](std::atomic<int>& count) {
    bus::EndpointEvents events;
    events.on_deadline_missed = [&count] { ++count; };
    return events;
  };
  const auto publisher = here->advertise(test::topic(own("/deadline"), qos), missed(offered));
  const auto subscription = there->subscribe(test::topic(own("/deadline"), qos), missed(requested));
  ASSERT_TRUE(paired(*publisher, *subscription));
  publish(*publisher, "the last");
  EXPECT_TRUE(eventually([&] { return offered > 0 && requested > 0; }));
}

TEST_F(DdsTopic, WhatHasOutlivedItsLifespanIsNotDelivered) {
  bus::Qos brief = bus::Qos::latched();
  brief.lifespan_ns = 20'000'000;
  const auto publisher = here->advertise(test::topic(own("/brief"), brief), {});
  publish(*publisher, "gone soon");
  std::this_thread::sleep_for(100ms);
  const auto subscription = there->subscribe(test::topic(own("/brief"), bus::Qos::latched()), {});
  ASSERT_TRUE(paired(*publisher, *subscription));
  bus::Qos lasting = bus::Qos::latched();
  const auto marker = here->advertise(test::topic(own("/brief"), lasting), {});
  publish(*marker, "marker");
  EXPECT_EQ(take(*subscription, 1), std::vector<std::string>{"marker"});
}

struct Complaint {
  std::mutex mutex;
  std::string text;
  bus::EndpointEvents events() {
    return test::on_incompatible([this](const std::string& reason) {
      const std::lock_guard lock(mutex);
      text += reason + "\n";
    });
  }
  std::string wait() {
    (void)eventually([this] {
      const std::lock_guard lock(mutex);
      return !text.empty();
    });
    const std::lock_guard lock(mutex);
    return text;
  }
};

TEST_F(DdsTopic, AMismatchOfQosIsToldAtBothEndsNamingBoth) {
  Complaint offering;
  Complaint asking;
  here->add_node({.name = "/talker"});
  there->add_node({.name = "/ns/listener"});
  const auto publisher = here->advertise(test::topic(own("/qos"), bus::Qos::latest(), "/talker"), offering.events());
  const auto subscription = there->subscribe(test::topic(own("/qos"), {}, "/ns/listener"), asking.events());
  EXPECT_EQ(offering.wait(), "'" + own("/qos") +
                                 "': the publisher of /talker and the subscription of /ns/listener do not match: "
                                 "reliable is asked for, best effort is offered\n");
  EXPECT_EQ(asking.wait(), "'" + own("/qos") +
                               "': the subscription of /ns/listener and the publisher of /talker do not match: "
                               "reliable is asked for, best effort is offered\n");
  EXPECT_EQ(publisher->matched().current, 0U);
}

TEST_F(DdsTopic, AnotherTypeIsToldAtBothEndsNamingBoth) {
  Complaint first;
  Complaint second;
  here->add_node({.name = "/talker"});
  const auto publisher = here->advertise(test::topic(own("/type"), {}, "/talker"), first.events());
  bus::TopicEndpoint other = test::topic(own("/type"));
  other.type.name = "std_msgs/msg/Int32";
  const auto subscription = there->subscribe(other, second.events());
  EXPECT_TRUE(first.wait().contains("the types are std_msgs/msg/String and std_msgs/msg/Int32")) << first.wait();
  EXPECT_TRUE(second.wait().contains("the subscription of this process and the publisher of /talker")) << second.wait();
  EXPECT_EQ(publisher->matched().current, 0U);
  EXPECT_EQ(subscription->matched().current, 0U);
}

TEST_F(DdsTopic, DestroyingWaitsForTheEventThatRuns) {
  std::atomic<bool> inside{false};
  std::atomic<bool> left{false};
  const auto publisher = here->advertise(test::topic(own("/leave")), {});
  auto subscription = there->subscribe(test::topic(own("/leave")), test::on_data([&] {
                                         inside = true;
                                         std::this_thread::sleep_for(100ms);
                                         left = true;
                                       }));
  ASSERT_TRUE(paired(*publisher, *subscription));
  publish(*publisher, "x");
  ASSERT_TRUE(eventually([&] { return inside.load(); }));
  subscription.reset();
  EXPECT_TRUE(left);
}

TEST_F(DdsTopic, BadNamesAndBytesAreRefusedByName) {
  EXPECT_THROW((void)here->advertise(test::topic("no_slash"), {}), LogicError);
  EXPECT_THROW((void)here->subscribe(test::topic("/a//b"), {}), LogicError);
  const auto publisher = here->advertise(test::topic(own("/bytes")), {});
  EXPECT_THROW([[maybe_unused]] const auto sent = publisher->publish({}), LogicError);
}

TEST_F(DdsTopic, WhatExceedsALimitIsTooLargeWhoeverSetIt) {
  DdsOptions options = test::options();
  options.max_message_bytes = 100;
  EXPECT_EQ(open_dds(options)->advertise(test::topic(own("/ours")), {})->publish(Bytes(101)).error(),
            bus::SendError::kTooLarge);
  options = test::options();
  options.cyclone_config = "<Internal><MaxSampleSize>1000B</MaxSampleSize></Internal>";
  const auto limited = open_dds(options);
  const auto publisher = limited->advertise(test::topic(own("/theirs")), {});
  EXPECT_TRUE(publisher->publish(Bytes(1000)));
  EXPECT_EQ(publisher->publish(Bytes(1004)).error(), bus::SendError::kTooLarge);
}

}  // namespace
}  // namespace takt::dds
