#pragma once

#include "takt/bus/test/transport_rig.hpp"

/// Part of the contract suite: endpoints that come and go while others speak.
namespace takt::bus::test {

TEST_P(TransportContract, DestroyingASubscriptionReturnsWhenItsEventHasReturned) {
  std::atomic<bool> entered{false};
  std::atomic<bool> returned{false};
  EndpointEvents events;
  events.on_data = [&] {
    entered = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    returned = true;
  };
  auto subscription = at(1).subscribe(topic(), events);
  const auto publisher = at(0).advertise(topic(), {});
  await_match(*publisher, *subscription);
  std::thread sender([&] { EXPECT_TRUE(publisher->publish(bytes_of("go"))); });
  EXPECT_TRUE(eventually([&] { return entered.load(); }));
  subscription.reset();
  EXPECT_TRUE(returned);
  sender.join();
}

TEST_P(TransportContract, SubscriptionsComeAndGoUnderAFlood) {
  const auto publisher = at(0).advertise(topic(Qos::latest()), {});
  std::atomic<bool> stop{false};
  std::thread sender([&] {
    while (!stop) {
      [[maybe_unused]] const auto sent = publisher->publish(bytes_of("flood"));
      std::this_thread::yield();
    }
  });
  for (int i = 0; i < 20; ++i) {
    auto alive = std::make_unique<std::atomic<bool>>(true);  // freed right after the subscription
    EndpointEvents events;
    events.on_data = [&alive] { EXPECT_TRUE(alive->load()); };
    auto subscription = at(1).subscribe(topic(Qos::latest()), events);
    if (i % 4 == 0) {
      static_cast<void>(take_count(*subscription, 1));
    }
    subscription.reset();
    alive.reset();
  }
  stop = true;
  sender.join();
}

TEST_P(TransportContract, PublishersComeAndGoWhileOthersListen) {
  const auto subscription = at(1).subscribe(topic(), {});
  for (int i = 0; i < 10; ++i) {
    const auto publisher = at(0).advertise(topic(), {});
    await_match(*publisher, *subscription);
    ASSERT_TRUE(publisher->publish(bytes_of(std::to_string(i))));
    EXPECT_EQ(take_count(*subscription, 1), std::vector<std::string>{std::to_string(i)});
  }
  EXPECT_EQ(subscription->lost(), 0);
}

TEST_P(TransportContract, OthersOfItsTopicComeAndGoWhileAThreadPublishes) {
  const auto subscription = at(1).subscribe(topic(), {});
  const auto steady = at(0).advertise(topic(), {});
  await_match(*steady, *subscription);
  std::atomic<bool> stop{false};
  std::thread sender([&] {
    while (!stop) {
      [[maybe_unused]] const auto sent = steady->publish(bytes_of("steady"));
      std::this_thread::yield();
    }
  });
  for (int i = 0; i < 20; ++i) {
    const auto passing = at(0).advertise(topic(), {});
    [[maybe_unused]] const auto sent = passing->publish(bytes_of("passing"));
    const auto listening = at(static_cast<std::size_t>(1 + i % 2)).subscribe(topic(), {});
  }
  stop = true;
  sender.join();
  EXPECT_TRUE(eventually([&] {
    [[maybe_unused]] const auto sent = steady->publish(bytes_of("the last"));
    const auto heard = take_all(*subscription);
    return !heard.empty() && heard.back() == "the last";
  }));
}

TEST_P(TransportContract, OnDataRunsOneAtATime) {
  std::atomic<int> inside{0};
  std::atomic<int> worst{0};
  std::atomic<TransportSubscription*> made{nullptr};
  std::atomic<int> taken{0};
  EndpointEvents events;
  events.on_data = [&] {
    worst = std::max(worst.load(), ++inside);
    if (TransportSubscription* const subscription = made.load()) {
      taken += static_cast<int>(take_all(*subscription).size());
    }
    --inside;
  };
  const auto subscription = at(0).subscribe(topic(qos(0)), events);
  made = subscription.get();
  std::vector<std::unique_ptr<TransportPublisher>> publishers;
  for (const std::size_t index : {1U, 2U}) {
    publishers.push_back(at(index).advertise(topic(qos(0)), {}));
    await_match(*publishers.back(), *subscription);
  }
  std::vector<std::thread> threads;
  for (const auto& publisher : publishers) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        EXPECT_TRUE(send_when_ready([&] { return publisher->publish(bytes_of("x")); }));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_TRUE(eventually([&] { return taken > 0; }));
  if (can(Capability::kReliable)) {
    EXPECT_TRUE(eventually([&] { return taken == 400; })) << taken;
  }
  EXPECT_EQ(worst, 1);
  made = nullptr;
}

}  // namespace takt::bus::test
