#pragma once

#include <cstdio>
#include <cstdlib>
#include <functional>

#include "takt/bus/test/transport_rig.hpp"

/// Part of the contract suite: readers that do not take, and what they must not do to others.
namespace takt::bus::test {

/// Ends the program when it does not: what cannot return cannot be ended otherwise.
inline void expect_returns(const char* what, const std::function<void()>& call) {
  std::atomic<bool> returned{false};
  std::thread thread([&] {
    call();
    returned = true;
  });
  if (!eventually([&] { return returned.load(); })) {
    std::fprintf(stderr, "%s hangs\n", what);
    std::_Exit(1);
  }
  thread.join();
}

TEST_P(TransportContract, AReaderThatDoesNotTakeHoldsUpNoneBesideIt) {
  constexpr int kCount = 100;
  constexpr std::uint32_t kDepth = 5;
  const auto slow = at(1).subscribe(topic(qos(kDepth)), {});
  const auto near = at(1).subscribe(topic(), {});
  const auto far = at(2).subscribe(topic(), {});
  const auto publisher = at(0).advertise(topic(), {});
  for (const auto* const one : {slow.get(), near.get(), far.get()}) {
    await_match(*publisher, *one, 3);
  }
  for (int i = 0; i < kCount; ++i) {
    const std::string text = std::to_string(i);
    ASSERT_TRUE(send_when_ready([&] { return publisher->publish(bytes_of(text)); }));
    ASSERT_EQ(take_count(*near, 1), std::vector<std::string>{text});
    ASSERT_EQ(take_count(*far, 1), std::vector<std::string>{text});
  }
  EXPECT_TRUE(eventually([&] { return slow->lost() == kCount - kDepth; })) << slow->lost();
  EXPECT_EQ(take_all(*slow), (std::vector<std::string>{"95", "96", "97", "98", "99"}));
}

TEST_P(TransportContract, DestroyingWaitsForNoReaderThatDoesNotTake) {
  auto publisher = at(0).advertise(topic(qos(0)), {});
  auto stuck = at(1).subscribe(topic(qos(0)), {});
  await_match(*publisher, *stuck);
  const auto bytes = bytes_of(std::string(1000, 'x'));
  for (int i = 0; i < 3000 && publisher->publish(bytes); ++i) {
  }
  expect_returns("the destructor of a publisher", [&] { publisher.reset(); });
  expect_returns("the destructor of a subscription", [&] { stuck.reset(); });

  auto other = topic();
  other.name = "/contract/after";
  const auto next = at(0).advertise(other, {});
  const auto hears = at(1).subscribe(other, {});
  await_match(*next, *hears);
  ASSERT_TRUE(send_when_ready([&] { return next->publish(bytes_of("still here")); }));
  EXPECT_EQ(take_count(*hears, 1), std::vector<std::string>{"still here"});
}

TEST_P(TransportContract, DestroyingWaitsForNoServerThatDoesNotTake) {
  TAKT_REQUIRE_CAPABILITY(kRequestReply);
  auto server = at(0).serve(service(), {});
  auto client = at(1).client(service(), {});
  await_match(*client, *server);
  const auto bytes = bytes_of(std::string(1000, 'x'));
  for (int i = 0; i < 3000 && client->request(bytes); ++i) {
  }
  expect_returns("the destructor of a client", [&] { client.reset(); });
  expect_returns("the destructor of a server", [&] { server.reset(); });
}

}  // namespace takt::bus::test
