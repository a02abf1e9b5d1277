#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "takt/transports/dds/test/dds_topic_rig.hpp"

// What is kept for a reader that comes late, or is slow.
namespace takt::dds {
namespace {

using namespace std::chrono_literals;
using test::DdsTopic;
using test::eventually;
using test::own;

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
  options.keep_all_patience_ms = 60'000;
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
  options.keep_all_patience_ms = 60'000;
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

TEST_F(DdsTopic, AFullSubscriptionThatNobodyReadsIsNamedOnceAndLosesItsOldestInsteadOfStarvingTheOthers) {
  constexpr std::size_t kCount = 20;
  DdsOptions options = test::options();
  options.keep_all_samples = 5;
  options.keep_all_patience_ms = 50;
  const auto slow = open_dds(options);
  const auto publisher = here->advertise(test::topic(own("/stuck"), test::depth(0)), {});
  const auto full = slow->subscribe(test::topic(own("/stuck"), test::depth(0), "/sleeper"), {});
  const auto other_publisher = here->advertise(test::topic(own("/free")), {});
  const auto other = slow->subscribe(test::topic(own("/free")), {});
  ASSERT_TRUE(paired(*publisher, *full) && paired(*other_publisher, *other));
  testing::internal::CaptureStderr();
  for (std::size_t i = 0; i < kCount; ++i) {
    publish(*publisher, std::to_string(i));
  }
  publish(*other_publisher, "through");
  EXPECT_EQ(take(*other, 1), std::vector<std::string>{"through"});
  EXPECT_TRUE(eventually([&] { return full->lost() == kCount - 5; })) << full->lost();
  EXPECT_EQ(take(*full, 5), (std::vector<std::string>{"15", "16", "17", "18", "19"}));
  EXPECT_EQ(full->lost(), kCount - 5);
  publish(*publisher, "read again");
  EXPECT_EQ(take(*full, 1), std::vector<std::string>{"read again"});
  const std::string said = testing::internal::GetCapturedStderr();
  const std::size_t at = said.find("'" + own("/stuck") + "': the subscription of /sleeper keeps all and is full");
  EXPECT_NE(at, std::string::npos) << said;
  EXPECT_EQ(said.find("is full", said.find("is full") + 1), std::string::npos) << said;
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

}  // namespace
}  // namespace takt::dds
