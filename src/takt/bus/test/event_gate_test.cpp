#include "takt/bus/event_gate.hpp"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace takt::bus {
namespace {

TEST(EventGateTest, CallsWhatWasPostedWhenItRunsAndNothingTwice) {
  std::vector<std::string> calls;
  EventGate gate({.on_data = [&] { calls.emplace_back("data"); },
                  .on_matched = [&](const Matched& now) { calls.push_back("matched " + std::to_string(now.current)); },
                  .on_deadline_missed = {},
                  .on_writable = [&] { calls.emplace_back("writable"); },
                  .on_incompatible = [&](const std::string& reason) { calls.push_back(reason); }});
  gate.post_data();
  gate.post_data();
  gate.post_matched({.current = 1, .total = 1});
  gate.post_matched({.current = 0, .total = 1});
  gate.post_writable();
  gate.post_incompatible("types");
  EXPECT_TRUE(calls.empty());
  gate.run();
  EXPECT_EQ(calls, (std::vector<std::string>{"types", "matched 1", "matched 0", "writable", "data"}));
  gate.run();
  EXPECT_EQ(calls.size(), 5);
}

TEST(EventGateTest, AMatchIsCountedWhenItIsPosted) {
  EndpointEvents events;
  events.matches = std::make_shared<std::atomic<std::uint64_t>>(0);
  EventGate gate(events);
  gate.post_matched({.current = 1, .total = 1});
  EXPECT_EQ(*events.matches, 1U);
  gate.run();
  EXPECT_EQ(*events.matches, 1U);
}

TEST(EventGateTest, WhatIsPostedInsideAnEventComesAfterIt) {
  int depth = 0;
  int calls = 0;
  EventGate* self = nullptr;
  EndpointEvents events;
  events.on_data = [&] {
    EXPECT_EQ(++depth, 1);
    if (++calls < 3) {
      self->post_data();
      self->run();
    }
    --depth;
  };
  EventGate gate(events);
  self = &gate;
  gate.post_data();
  gate.run();
  EXPECT_EQ(calls, 3);
}

TEST(EventGateTest, AnEventThatThrowsIsOverAndTheNextAreCalled) {
  int calls = 0;
  EndpointEvents events;
  events.on_data = [&] {
    if (++calls == 1) {
      throw std::runtime_error("the first");
    }
  };
  EventGate gate(events);
  gate.post_data();
  EXPECT_THROW(gate.run(), std::runtime_error);
  gate.post_data();
  gate.run();
  EXPECT_EQ(calls, 2);
  gate.close();  // waits for ever where one is thought to run still
}

TEST(EventGateTest, NothingIsCalledOnceItIsClosed) {
  int calls = 0;
  EndpointEvents events;
  events.on_data = [&] { ++calls; };
  EventGate gate(events);
  gate.post_data();
  gate.close();
  gate.run();
  EXPECT_EQ(calls, 0);
}

TEST(EventGateTest, ClosingWaitsForTheEventThatRuns) {
  std::atomic<bool> entered{false};
  std::atomic<bool> returned{false};
  EndpointEvents events;
  events.on_data = [&] {
    entered = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    returned = true;
  };
  EventGate gate(events);
  gate.post_data();
  std::thread runner([&] { gate.run(); });
  while (!entered) {
    std::this_thread::yield();
  }
  gate.close();
  EXPECT_TRUE(returned);
  runner.join();
}

}  // namespace
}  // namespace takt::bus
