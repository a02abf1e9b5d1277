#include "takt/robots/sim/half_duplex_bus.hpp"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/robots/robot.hpp"

namespace takt::robots::sim {
namespace {

TEST(HalfDuplexBus, needs_ten_microseconds_per_byte_at_one_megabit) {
  const HalfDuplexBus bus;
  EXPECT_EQ(bus.wire_time_ns(62), 620'000);  // positions of six servos
  EXPECT_EQ(bus.wire_time_ns(26), 260'000);  // goals of six servos
  EXPECT_EQ(HalfDuplexBus({.baud = 500'000}).wire_time_ns(26), 520'000);
}

TEST(HalfDuplexBus, takes_at_least_the_time_on_the_wire) {
  HalfDuplexBus bus;
  const core::Nanoseconds start_ns = core::monotonic_now_ns();
  {
    auto line = bus.begin("read");
    line.pass(100);
    line.pass(100);
  }
  EXPECT_GE(core::monotonic_now_ns() - start_ns, 2'000'000);
  EXPECT_EQ(bus.transactions(), 1U);
}

TEST(HalfDuplexBus, carries_one_conversation_at_a_time) {
  HalfDuplexBus bus({.longest_wait_ns = 60 * core::kNanosecondsPerSecond});
  std::atomic<int> inside{0};
  std::atomic<bool> collided{false};
  int unguarded = 0;  // a race here is one that ThreadSanitizer sees
  const auto talk = [&](const char* user) {
    for (int k = 0; k < 200; ++k) {
      auto line = bus.begin(user);
      collided = collided || inside.fetch_add(1) != 0;
      ++unguarded;
      line.pass(2);
      inside.fetch_sub(1);
    }
  };
  std::thread reader(talk, "read");
  std::thread writer(talk, "write");
  reader.join();
  writer.join();
  EXPECT_FALSE(collided);
  EXPECT_EQ(unguarded, 400);
  EXPECT_EQ(bus.transactions(), 400U);
  EXPECT_EQ(bus.refusals(), 0U);
}

TEST(HalfDuplexBus, gives_up_waiting_and_names_both_users) {
  HalfDuplexBus bus({.longest_wait_ns = 1'000'000});
  auto line = bus.begin("read");
  std::string refusal;
  std::thread writer([&] {
    try {
      static_cast<void>(bus.begin("write"));
    } catch (const BusyError& error) {
      refusal = error.what();
    }
  });
  writer.join();
  EXPECT_NE(refusal.find("write waited"), std::string::npos) << refusal;
  EXPECT_NE(refusal.find("while read held the line"), std::string::npos) << refusal;
  EXPECT_EQ(bus.refusals(), 1U);
}

TEST(HalfDuplexBus, is_free_again_after_a_refusal) {
  HalfDuplexBus bus({.longest_wait_ns = 1'000'000});
  {
    auto line = bus.begin("read");
    std::thread([&] { EXPECT_THROW(static_cast<void>(bus.begin("write")), DeviceError); }).join();
  }
  std::thread([&] { EXPECT_NO_THROW(static_cast<void>(bus.begin("write"))); }).join();
}

TEST(HalfDuplexBus, refuses_a_rate_that_is_not_positive) {
  EXPECT_THROW(HalfDuplexBus({.baud = 0.0}), LogicError);
}

}  // namespace
}  // namespace takt::robots::sim
