#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "takt/transports/dds/test/dds_test.hpp"

// Destroying an endpoint waits for nobody: neither for room in a full subscription, nor for the thread that receives.
namespace takt::dds {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::own;

/// What cannot return cannot be ended either: then the program is.
void expect_soon(const char* what, const std::function<bool()>& condition) {
  if (!eventually(condition)) {
    std::fprintf(stderr, "%s hangs\n", what);
    std::_Exit(1);
  }
}

/// transport.hpp forbids an event to block, and to destroy its own endpoint; the rest of the transport is open to it.
TEST(DdsDestroy, AnEventMayCallInAndDestroyOthers) {
  const auto here = test::open();
  const auto there = test::open();
  const auto echo = there->advertise(test::topic(own("/echo")), {});
  auto victim = there->subscribe(test::topic(own("/victim")), {});
  auto victim_server = there->serve(test::service(own("/victim_server")), {});
  std::unique_ptr<bus::TransportSubscription> made;
  std::atomic<int> steps{0};
  const auto subscription = there->subscribe(test::topic(own("/call")), test::on_data([&] {
                                               static_cast<void>(there->graph());
                                               ++steps;
                                               static_cast<void>(echo->publish(test::text("echo")));
                                               ++steps;
                                               there->add_node({.name = own("/made_inside")});
                                               ++steps;
                                               made = there->subscribe(test::topic(own("/made")), {});
                                               ++steps;
                                               victim.reset();
                                               victim_server.reset();
                                               ++steps;
                                             }));
  const auto publisher = here->advertise(test::topic(own("/call")), {});
  const auto hears = here->subscribe(test::topic(own("/echo")), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1 && hears->matched().current == 1; }));
  ASSERT_TRUE(publisher->publish(test::text("go")));
  expect_soon("an event that destroys another endpoint", [&] { return steps == 5; });
}

/// A subscription that keeps all, and is full: Cyclone DDS waits for room there, on the thread that receives.
class Full : public testing::Test {
 protected:
  Full() {
    DdsOptions options = test::options();
    options.keep_all_samples = 1;
    options.keep_all_patience_ms = 60'000;
    there = open_dds(options);
    publisher = here->advertise(test::topic(own("/full"), test::depth(0)), {});
    full = there->subscribe(test::topic(own("/full"), test::depth(0)), {});
    other = there->subscribe(test::topic(own("/other"), test::depth(0)), {});
    EXPECT_TRUE(eventually([&] { return publisher->matched().current == 1; }));
    for (int i = 0; i < 100; ++i) {
      static_cast<void>(publisher->publish(test::text("x")));
    }
    std::this_thread::sleep_for(100ms);
  }
  /// In a thread of its own.
  static void expect_destroyed(std::unique_ptr<bus::TransportSubscription>& one) {
    std::atomic<bool> destroyed{false};
    std::thread destroys([&] {
      one.reset();
      destroyed = true;
    });
    expect_soon("a subscription's destructor", [&] { return destroyed.load(); });
    destroys.join();
  }

  std::shared_ptr<bus::Transport> here = test::open();
  std::shared_ptr<bus::Transport> there;
  std::unique_ptr<bus::TransportPublisher> publisher;
  std::unique_ptr<bus::TransportSubscription> full;
  std::unique_ptr<bus::TransportSubscription> other;
};

TEST_F(Full, CanBeDestroyedAndFreesTheOthers) {
  const auto speaks = here->advertise(test::topic(own("/other"), test::depth(0)), {});
  expect_destroyed(full);
  ASSERT_TRUE(eventually([&] { return speaks->matched().current == 1; }));
  ASSERT_TRUE(speaks->publish(test::text("through")));
  EXPECT_TRUE(eventually([&] { return test::take_texts(*other) == std::vector<std::string>{"through"}; }));
}

TEST_F(Full, AnotherCanBeDestroyedMeanwhile) {
  expect_destroyed(other);
  EXPECT_TRUE(eventually([&] { return !test::take_texts(*full).empty(); }));
}

TEST_F(Full, IsDestroyedWithItsTransportUnderAFlood) {
  std::atomic<bool> stop{false};
  std::thread floods([&] {
    while (!stop) {
      static_cast<void>(publisher->publish(test::text("more")));
      std::this_thread::yield();
    }
  });
  std::atomic<bool> gone{false};
  std::thread destroys([&] {
    full.reset();
    other.reset();
    there.reset();
    gone = true;
  });
  expect_soon("closing a transport", [&] { return gone.load(); });
  stop = true;
  floods.join();
  destroys.join();
}

TEST_F(Full, ItsPublisherCanBeDestroyedThoughNobodyConfirms) {
  std::atomic<bool> destroyed{false};
  std::thread destroys([&] {
    publisher.reset();
    destroyed = true;
  });
  expect_soon("a publisher's destructor", [&] { return destroyed.load(); });
  destroys.join();
}

}  // namespace
}  // namespace takt::dds
