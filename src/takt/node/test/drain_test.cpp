// Draining lets what has come finish, and ends whatever others go on asking for.

#include "takt/core/log.hpp"
#include "takt/node/test/rig.hpp"

namespace takt::node {
namespace {

using namespace testing;

class DrainTest : public NodesTest {
 protected:
  DrainTest() { core::set_log_level(core::LogLevel::kOff); }
  ~DrainTest() override { core::set_log_level(core::LogLevel::kInfo); }
};
INSTANTIATE_TEST_SUITE_P(, DrainTest, ::testing::ValuesIn(ways()), name_of);

TEST_P(DrainTest, DrainLetsWhatCameAndWhatRunsFinish) {
  run([&]() -> Task<void> {
    Node talker("talker", near());
    Node node("node", far());
    std::vector<std::int64_t> handled;
    node.subscribe<Number>("/topic", [&](const Number& number) -> Task<void> {
      co_await sleep_for(100ms);
      handled.push_back(number.data);
    });
    auto publisher = talker.publisher<Number>("/topic");
    co_await with_node(node, [&]() -> Task<void> {
      for (std::int64_t i = 0; i < 3; ++i) {
        EXPECT_TRUE(publisher.publish({i}));
      }
      co_await sleep_for(50ms);
      co_await node.drain(10s);
      EXPECT_TRUE(node.destroyed());
    });
    EXPECT_EQ(handled, (std::vector<std::int64_t>{0, 1, 2}));
    EXPECT_EQ(loop().clock().now_ns(), 300'000'000);
  });
}

TEST_P(DrainTest, DrainHasALimit) {
  run([&]() -> Task<void> {
    Node talker("talker", near());
    Node node("node", far());
    bool finished = false;
    node.subscribe<Text>("/topic", [&](const Text&) -> Task<void> {
      co_await sleep_for(1h);
      finished = true;
    });
    auto publisher = talker.publisher<Text>("/topic");
    co_await with_node(node, [&]() -> Task<void> {
      EXPECT_TRUE(publisher.publish({"go"}));
      co_await sleep_for(1ms);
      co_await node.drain(2s);
    });
    EXPECT_FALSE(finished);
    EXPECT_EQ(loop().clock().now_ns(), 2'001'000'000);
  });
}

TEST_P(DrainTest, DrainDoesNotTakeNewRequests) {
  Node server("server", far());
  Node caller("caller", near());
  server.serve<Add>("/add", [](const AddRequest&) -> Task<AddResponse> {
    co_await sleep_for(10ms);
    co_return AddResponse{};
  });
  auto client = caller.client<Add>("/add");
  core::Nanoseconds drained_ns = 0;
  run([&]() -> Task<void> {
    co_await with_node(server, caller, [&]() -> Task<void> {
      co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
        for (int i = 0; i < 2; ++i) {
          nursery.start("caller", [&]() -> Task<void> {
            while (!server.destroyed()) {
              static_cast<void>(co_await client.call({1, 2}, {.timeout = 1s}));
              co_await sleep_for(1ms);
            }
          });
        }
        co_await sleep_for(15ms);
        const core::Nanoseconds begin_ns = loop().clock().now_ns();
        co_await server.drain(5s);
        drained_ns = loop().clock().now_ns() - begin_ns;
        co_return kCancel;
      });
    });
  });
  EXPECT_LT(drained_ns, 1'000'000'000);
}

TEST_P(DrainTest, DrainEndsWhileSomebodyPublishesFasterThanIsHandled) {
  Node talker("talker", near());
  Node node("node", far());
  auto publisher = talker.publisher<Number>("/topic");
  node.subscribe<Number>("/topic", [](const Number&) -> Task<void> { co_await sleep_for(2ms); });
  talker.timer(1ms, [&] { EXPECT_TRUE(publisher.publish({1})); });
  core::Nanoseconds drained_ns = 0;
  run([&]() -> Task<void> {
    co_await with_node(talker, node, [&]() -> Task<void> {
      co_await sleep_for(100ms);
      const core::Nanoseconds begin_ns = loop().clock().now_ns();
      co_await node.drain(5s);
      drained_ns = loop().clock().now_ns() - begin_ns;
    });
  });
  EXPECT_LT(drained_ns, 1'000'000'000);
}

}  // namespace
}  // namespace takt::node
