// What transient local publishers keep, for those who come late.

#include <cstdint>
#include <set>

#include "takt/core/log.hpp"
#include "takt/node/test/rig.hpp"

namespace takt::node {
namespace {

using namespace testing;

class LatchedTest : public NodesTest {
 protected:
  LatchedTest() { core::set_log_level(core::LogLevel::kOff); }
  ~LatchedTest() override { core::set_log_level(core::LogLevel::kInfo); }
};
INSTANTIATE_TEST_SUITE_P(, LatchedTest, ::testing::ValuesIn(ways()), name_of);

TEST_P(LatchedTest, ALateJoinerGetsWhatEachTransientLocalPublisherKeeps) {
  Node one("one", near());
  Node other("other", near());
  Node late("late", far());
  bus::Qos qos = bus::Qos::latched();
  auto first = one.publisher<Number>("/tf_static", {.qos = qos});
  auto second = other.publisher<Number>("/tf_static", {.qos = qos});
  EXPECT_TRUE(first.publish({1}));
  EXPECT_TRUE(second.publish({2}));
  qos.depth = 10;
  auto numbers = late.subscribe<Number>("/tf_static", {.qos = qos});
  std::set<std::int64_t> heard;
  run([&]() -> Task<void> {
    while (auto received = co_await async::with_timeout(1s, numbers.next())) {
      heard.insert(received->message.data);
    }
  });
  EXPECT_EQ(heard, (std::set<std::int64_t>{1, 2}));
}

TEST_P(LatchedTest, InlineDeliveryGivesALateJoinerWhatATransientLocalPublisherKeeps) {
  Node talker("talker", near());
  Node node("node", far());
  auto publisher = talker.publisher<Number>("/description", {.qos = bus::Qos::latched()});
  EXPECT_TRUE(publisher.publish({7}));
  std::int64_t heard = 0;
  node.subscribe<Number>("/description", [&](const Number& number) { heard = number.data; },
                         {.qos = bus::Qos::latched(), .delivery = Delivery::kInline});
  run([&]() -> Task<void> { co_await with_node(node, [&]() -> Task<void> { co_await sleep_for(1ms); }); });
  EXPECT_EQ(heard, 7);
}

}  // namespace
}  // namespace takt::node
