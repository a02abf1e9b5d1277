#pragma once

#include <array>
#include <set>

#include "takt/bus/test/transport_rig.hpp"

/// Part of the contract suite: publish and subscribe.
namespace takt::bus::test {

TEST_P(TransportContract, GivesMessagesInTheOrderInWhichTheyWerePublished) {
  const auto subscription = at(1).subscribe(topic(), {});
  const auto publisher = at(0).advertise(topic(), {});
  await_match(*publisher, *subscription);
  for (const char* text : {"one", "two", "three"}) {
    ASSERT_TRUE(publisher->publish(bytes_of(text)));
  }
  EXPECT_EQ(take_count(*subscription, 3), (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(subscription->lost(), 0);
}

TEST_P(TransportContract, CarriesBothWaysAndToSeveral) {
  const auto near = at(0).advertise(topic(), {});
  const auto far = at(1).advertise(topic(), {});
  const auto at_0 = at(0).subscribe(topic(), {});
  const auto at_1 = at(1).subscribe(topic(), {});
  const auto at_2 = at(2).subscribe(topic(), {});
  await_match(*near, *at_1, 2);
  await_match(*near, *at_2, 2);
  await_match(*far, *at_0);
  ASSERT_TRUE(near->publish(bytes_of("from near")));
  EXPECT_EQ(take_count(*at_1, 1), std::vector<std::string>{"from near"});
  EXPECT_EQ(take_count(*at_2, 1), std::vector<std::string>{"from near"});
  ASSERT_TRUE(far->publish(bytes_of("from far")));
  EXPECT_EQ(take_count(*at_0, 1), std::vector<std::string>{"from far"});
}

TEST_P(TransportContract, OnDataComesOnceForABurstAndAgainOnlyAfterTakeGaveNothing) {
  Events events;
  const auto subscription = at(1).subscribe(topic(), events.record());
  const auto publisher = at(0).advertise(topic(), {});
  await_match(*publisher, *subscription);
  const auto publish = [&](const char* text) { ASSERT_TRUE(publisher->publish(bytes_of(text))); };

  for (const char* text : {"one", "two", "three"}) {
    publish(text);
  }
  ASSERT_TRUE(eventually([&] { return events.data() == 1; }));
  settle();
  EXPECT_EQ(events.data(), 1);

  ASSERT_TRUE(subscription->take([](Bytes, const MessageInfo&) {}));
  publish("four");
  settle();
  EXPECT_EQ(events.data(), 1) << "take has not given false yet";

  EXPECT_EQ(take_count(*subscription, 3), (std::vector<std::string>{"two", "three", "four"}));
  EXPECT_EQ(take_all(*subscription).size(), 0);
  publish("five");
  ASSERT_TRUE(eventually([&] { return events.data() == 2; }));
  EXPECT_EQ(take_count(*subscription, 1), std::vector<std::string>{"five"});
}

TEST_P(TransportContract, MayBeTakenInsideOnData) {
  std::atomic<TransportSubscription*> made{nullptr};
  std::mutex mutex;
  std::vector<std::string> texts;
  EndpointEvents events;
  events.on_data = [&] {
    TransportSubscription* const subscription = made.load();
    const auto more = subscription == nullptr ? std::vector<std::string>{} : take_all(*subscription);
    const std::scoped_lock lock(mutex);
    texts.insert(texts.end(), more.begin(), more.end());
  };
  const auto subscription = at(1).subscribe(topic(), events);
  made = subscription.get();
  const auto publisher = at(0).advertise(topic(), {});
  await_match(*publisher, *subscription);
  std::vector<std::string> sent;
  for (int i = 0; i < 50; ++i) {
    sent.push_back(std::to_string(i));
    ASSERT_TRUE(send_when_ready([&] { return publisher->publish(bytes_of(sent.back())); }));
    EXPECT_TRUE(eventually([&] {
      const std::scoped_lock lock(mutex);
      return texts.size() == sent.size();
    }));
  }
  EXPECT_EQ(texts, sent);
}

TEST_P(TransportContract, KeepsTheLastAndCountsWhatTheyOverwrote) {
  const auto subscription = at(1).subscribe(topic(qos(3)), {});
  const auto publisher = at(0).advertise(topic(), {});
  await_match(*publisher, *subscription);
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(publisher->publish(bytes_of(std::to_string(i))));
  }
  ASSERT_TRUE(eventually([&] { return subscription->lost() == 5; })) << subscription->lost();
  settle();
  EXPECT_EQ(take_all(*subscription), (std::vector<std::string>{"5", "6", "7"}));
  EXPECT_EQ(subscription->lost(), 5);
}

TEST_P(TransportContract, DepthOneGivesTheLatest) {
  const auto subscription = at(1).subscribe(topic(Qos::latest()), {});
  const auto publisher = at(0).advertise(topic(Qos::latest()), {});
  await_match(*publisher, *subscription);
  settle();  // nothing is sent again to a reader that was just about to be ready
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(publisher->publish(bytes_of(std::to_string(i))));
  }
  ASSERT_TRUE(eventually([&] { return subscription->lost() == 4; })) << subscription->lost();
  EXPECT_EQ(take_all(*subscription), std::vector<std::string>{"4"});
}

TEST_P(TransportContract, ABestEffortReaderHearsAPublisherThatOffersMore) {
  const auto subscription = at(1).subscribe(topic(Qos::latest()), {});
  const auto publisher = at(0).advertise(topic(), {});
  await_match(*publisher, *subscription);
  settle();  // nothing is sent again to a reader that was just about to be ready
  ASSERT_TRUE(publisher->publish(bytes_of("heard")));
  EXPECT_EQ(take_count(*subscription, 1), std::vector<std::string>{"heard"});
}

TEST_P(TransportContract, EndpointsOfOneTransportDoNotHearEachOther) {
  const auto own = at(0).subscribe(topic(), {});
  const auto other = at(1).subscribe(topic(), {});
  const auto publisher = at(0).advertise(topic(), {});
  await_match(*publisher, *other);
  ASSERT_TRUE(publisher->publish(bytes_of("to others")));
  EXPECT_EQ(take_count(*other, 1), std::vector<std::string>{"to others"});
  settle();
  EXPECT_EQ(take_all(*own).size(), 0);
  EXPECT_EQ(own->matched().current, 0);
}

TEST_P(TransportContract, TopicsDoNotMix) {
  auto longer = topic();
  longer.name += "_2";
  const auto subscription = at(1).subscribe(topic(), {});
  const auto other_subscription = at(1).subscribe(longer, {});
  const auto publisher = at(0).advertise(topic(), {});
  const auto other_publisher = at(0).advertise(longer, {});
  await_match(*publisher, *subscription);
  await_match(*other_publisher, *other_subscription);
  ASSERT_TRUE(other_publisher->publish(bytes_of("longer")));
  ASSERT_TRUE(publisher->publish(bytes_of("shorter")));
  EXPECT_EQ(take_count(*subscription, 1), std::vector<std::string>{"shorter"});
  EXPECT_EQ(take_count(*other_subscription, 1), std::vector<std::string>{"longer"});
}

TEST_P(TransportContract, ReliableMessagesAllComeToAReaderThatKeepsAll) {
  TAKT_REQUIRE_CAPABILITY(kReliable);
  const auto subscription = at(1).subscribe(topic(qos(0)), {});
  const auto publisher = at(0).advertise(topic(qos(0)), {});
  await_match(*publisher, *subscription);
  constexpr std::size_t kCount = 3000;
  std::thread sender([&] {
    for (std::size_t i = 0; i < kCount; ++i) {
      EXPECT_TRUE(send_when_ready([&] { return publisher->publish(bytes_of(std::to_string(i))); }));
    }
  });
  const auto texts = take_count(*subscription, kCount);
  sender.join();
  ASSERT_EQ(texts.size(), kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    ASSERT_EQ(texts[i], std::to_string(i));
  }
  EXPECT_EQ(subscription->lost(), 0);
}

TEST_P(TransportContract, SaysWhoSentWhatWhenAndAsWhich) {
  const auto subscription = at(1).subscribe(topic(), {});
  const std::array publishers{at(0).advertise(topic(), {}), at(0).advertise(topic(), {})};
  await_match(*publishers[0], *subscription);
  await_match(*publishers[1], *subscription);
  const auto before_ns = core::monotonic_now_ns();
  std::vector<MessageInfo> infos;
  const auto have = [&](std::size_t count) {
    while (subscription->take([&](Bytes, const MessageInfo& info) { infos.push_back(info); })) {
    }
    return infos.size() == count;
  };
  for (const std::size_t which : {0U, 0U, 1U}) {  // what one sends may overtake what another sent
    ASSERT_TRUE(publishers.at(which)->publish(bytes_of("x")));
    ASSERT_TRUE(eventually([&, before = infos.size()] { return have(before + 1); }));
  }
  EXPECT_EQ(infos[0].sender, infos[1].sender);
  EXPECT_NE(infos[0].sender, infos[2].sender);
  if (infos[0].sequence != 0) {
    EXPECT_EQ(infos[1].sequence, infos[0].sequence + 1);
  }
  for (const MessageInfo& info : infos) {
    EXPECT_GE(info.received_ns, before_ns);
    EXPECT_LE(info.received_ns, core::monotonic_now_ns());
    EXPECT_TRUE(info.source_wall_ns == 0 || info.source_wall_ns > 1'600'000'000 * core::kNanosecondsPerSecond);
  }
}

TEST_P(TransportContract, CarriesAMessageWithoutContentAndOneOfAMebibyte) {
  const auto subscription = at(1).subscribe(topic(), {});
  const auto publisher = at(0).advertise(topic(), {});
  await_match(*publisher, *subscription);
  const std::array<std::byte, 4> nothing{std::byte{0}, std::byte{1}};  // CDR's header alone
  ASSERT_TRUE(publisher->publish(nothing));
  std::vector<std::byte> came;
  const auto keep = [&](Bytes bytes, const MessageInfo&) { came.assign(bytes.begin(), bytes.end()); };
  ASSERT_TRUE(eventually([&] { return subscription->take(keep); }));
  EXPECT_GE(came.size(), 4);
  EXPECT_LT(came.size(), 8);

  std::string large(std::size_t{1} << 20U, 'a');
  for (std::size_t i = 0; i < large.size(); ++i) {
    large[i] = static_cast<char>('a' + i * 7919 % 26);
  }
  ASSERT_TRUE(send_when_ready([&] { return publisher->publish(bytes_of(large)); }));
  ASSERT_TRUE(eventually([&] {
    if (!can(Capability::kReliable)) {  // the kernel's buffers may be too small for so many datagrams at once
      [[maybe_unused]] const auto again = publisher->publish(bytes_of(large));
      settle();
    }
    return subscription->take(keep);
  }));
  EXPECT_TRUE(text_of(came) == large);
}

TEST_P(TransportContract, RefusesMoreThanItCarries) {
  const auto publisher = at(0).advertise(topic(), {});
  const std::vector<std::byte> bytes(rig->max_message_bytes() + 1);
  const auto sent = publisher->publish(bytes);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error(), SendError::kTooLarge);
}

TEST_P(TransportContract, SeveralThreadsPublishOnSeveralEndpoints) {
  constexpr int kThreads = 4;
  constexpr int kCount = 200;
  const auto subscription = at(0).subscribe(topic(qos(0)), {});
  std::vector<std::unique_ptr<TransportPublisher>> publishers;
  for (int i = 0; i < kThreads; ++i) {
    publishers.push_back(at(static_cast<std::size_t>(1 + i % 2)).advertise(topic(qos(0)), {}));
    await_match(*publishers.back(), *subscription);
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < kCount; ++k) {
        const auto bytes = bytes_of(std::to_string(i) + " " + std::to_string(k));
        EXPECT_TRUE(send_when_ready([&] { return publishers[static_cast<std::size_t>(i)]->publish(bytes); }));
      }
    });
  }
  std::array<int, kThreads> last{-1, -1, -1, -1};
  std::uint64_t came = 0;
  const auto note = [&](Bytes bytes, const MessageInfo&) {
    const std::string text = text_of(bytes);
    int& before = last.at(static_cast<std::size_t>(text.at(0) - '0'));
    const int now = std::stoi(text.substr(2));
    EXPECT_GT(now, before);
    before = now;
    ++came;
  };
  const auto take_what_is_there = [&] {
    while (subscription->take(note)) {
    }
    return came == std::uint64_t{kThreads * kCount};
  };
  const bool all = eventually(take_what_is_there, std::chrono::seconds(can(Capability::kReliable) ? 30 : 1));
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_TRUE(all || !can(Capability::kReliable)) << came;
  EXPECT_GT(came, 0);
}

TEST_P(TransportContract, RefusesTheQualityThatItDoesNotHave) {
  Qos asked = Qos::latest();
  const auto expect = [&](Capability capability) {
    if (can(capability)) {
      EXPECT_NO_THROW(static_cast<void>(at(0).advertise(topic(asked), {})));
    } else {
      EXPECT_THROW(static_cast<void>(at(0).advertise(topic(asked), {})), LogicError);
      EXPECT_THROW(static_cast<void>(at(0).subscribe(topic(asked), {})), LogicError);
    }
  };
  asked.reliability = Reliability::kReliable;
  expect(Capability::kReliable);
  asked = Qos::latest();
  asked.durability = Durability::kTransientLocal;
  expect(Capability::kTransientLocal);
  asked = Qos::latest();
  asked.deadline_ns = core::kNanosecondsPerSecond;
  expect(Capability::kDeadline);
  asked = Qos::latest();
  asked.lifespan_ns = core::kNanosecondsPerSecond;
  expect(Capability::kLifespan);
}

}  // namespace takt::bus::test
