#include "takt/node/failure_policy.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include "takt/core/log.hpp"
#include "takt/node/test/rig.hpp"

namespace takt::node {
namespace {

using namespace testing;

class FailurePolicyTest : public NodesTest {
 protected:
  FailurePolicyTest() { core::set_log_level(core::LogLevel::kOff); }
  ~FailurePolicyTest() override { core::set_log_level(core::LogLevel::kInfo); }
  Node talker{"talker", near()};
  Node node{"node", far()};
  Publisher<Number> publisher{talker.publisher<Number>("/topic")};
};
INSTANTIATE_TEST_SUITE_P(, FailurePolicyTest, ::testing::ValuesIn(ways()), name_of);

TEST_P(FailurePolicyTest, LoggedFailuresAreCountedAndTheNextMessageIsHandled) {
  for (const Delivery delivery : {Delivery::kSequential, Delivery::kConcurrent, Delivery::kInline}) {
    Node logging("logging", far());
    int good = 0;
    auto subscription = logging.subscribe<Number>("/topic",
                                                  [&](const Number& number) {
                                                    if (number.data % 2 == 0) {
                                                      throw std::runtime_error("even");
                                                    }
                                                    ++good;
                                                  },
                                                  {.delivery = delivery, .on_failure = FailurePolicy::log()});
    run([&]() -> Task<void> {
      co_await with_node(logging, [&]() -> Task<void> {
        co_await async::yield();
        for (std::int64_t i = 0; i < 6; ++i) {
          EXPECT_TRUE(publisher.publish({i}));
        }
        EXPECT_TRUE(co_await until([&] { return good == 3; }));
        co_await sleep_for(1ms);
        EXPECT_EQ(subscription.statistics().failures, 3U);
      });
    });
  }
}

TEST_P(FailurePolicyTest, RestartPausesForTwiceAsLongEachTimeUntilAMessageWentWell) {
  std::vector<core::Nanoseconds> handled_ms;
  node.subscribe<Number>("/topic",
                         [&](const Number& number) {
                           handled_ms.push_back(loop().clock().now_ns() / 1'000'000);
                           if (number.data != 3) {
                             throw std::runtime_error("bad");
                           }
                         },
                         {.on_failure = FailurePolicy::restart()});
  run([&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> {
      for (std::int64_t i = 0; i < 6; ++i) {
        EXPECT_TRUE(publisher.publish({i}));
      }
      EXPECT_TRUE(co_await until([&] { return handled_ms.size() == 6; }));
    });
  });
  // Three bad ones: pauses of 100, 200, 400 ms; a good one; bad again: 100 ms.
  EXPECT_EQ(handled_ms, (std::vector<core::Nanoseconds>{0, 100, 300, 700, 700, 800}));
}

TEST_P(FailurePolicyTest, TooManyFailuresInARowPropagate) {
  int handled = 0;
  node.subscribe<Number>("/topic",
                         [&](const Number&) {
                           ++handled;
                           throw std::runtime_error("bad");
                         },
                         {.on_failure = FailurePolicy::restart(3)});
  for (std::int64_t i = 0; i < 8; ++i) {
    EXPECT_TRUE(publisher.publish({i}));
  }
  run([&]() -> Task<void> { EXPECT_TRUE(holds<std::runtime_error>(co_await outcome(node.run()))); });
  EXPECT_EQ(handled, 4);
}

TEST_P(FailurePolicyTest, HoldsForTimersToo) {
  int calls = 0;
  auto timer = node.timer(10ms,
                          [&] {
                            if (++calls == 5) {
                              node.destroy();
                            }
                            throw std::runtime_error("bad");
                          },
                          {.on_failure = FailurePolicy::log()});
  run([&] { return node.run(); });
  EXPECT_EQ(calls, 5);
  EXPECT_EQ(timer.failures(), 5U);
}

TEST_P(FailurePolicyTest, PropagatesWhenNothingIsSaid) {
  EXPECT_EQ(FailurePolicy{}, FailurePolicy::propagate());
  EXPECT_NE(FailurePolicy::log(), FailurePolicy::propagate());
}

Task<void> nothing_more() {
  co_return;
}

TEST_P(FailurePolicyTest, AFunctionThatThrowsInsteadOfGivingItsTaskIsAFailureToo) {
  Node talker("talker", near());
  Node node("node", far());
  auto publisher = talker.publisher<Number>("/topic");
  int calls = 0;
  node.subscribe<Number>("/topic",
                         [&](const Number&) {  // no coroutine
                           if (++calls == 1) {
                             throw std::runtime_error("bad");
                           }
                           return nothing_more();
                         },
                         {.on_failure = FailurePolicy::log()});
  int ticks = 0;
  node.timer(10ms,
             [&] {
               if (++ticks == 1) {
                 throw std::runtime_error("bad");
               }
               return nothing_more();
             },
             {.on_failure = FailurePolicy::log()});
  run([&]() -> Task<void> {
    const auto error = co_await outcome(with_node(node, [&]() -> Task<void> {
      EXPECT_TRUE(publisher.publish({1}));
      EXPECT_TRUE(publisher.publish({2}));
      co_await sleep_for(100ms);
    }));
    EXPECT_EQ(error, nullptr) << (error ? async::describe(error) : "");
  });
  EXPECT_EQ(calls, 2);
  EXPECT_GT(ticks, 1);
}

TEST_P(FailurePolicyTest, AFailureNamesItsEntityHoweverLongThatIs) {
  Node talker("talker", near());
  Node node("camera_driver", far());
  auto publisher = talker.publisher<Number>("/robot/left_arm/wrist_camera/exposure");
  node.subscribe<Number>("/robot/left_arm/wrist_camera/exposure",
                         [](const Number&) { throw std::runtime_error("bad"); });
  EXPECT_TRUE(publisher.publish({1}));
  run([&]() -> Task<void> {
    const std::string text = async::describe(co_await outcome(node.run()));
    EXPECT_NE(text.find("/robot/left_arm/wrist_camera/exposure"), std::string::npos) << text;
    EXPECT_NE(text.find("/camera_driver"), std::string::npos) << text;
  });
}

}  // namespace
}  // namespace takt::node
