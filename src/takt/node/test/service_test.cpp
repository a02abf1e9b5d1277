#include "takt/node/service.hpp"

#include <cstdint>
#include <stdexcept>
#include <thread>

#include "takt/async/tasks/combine.hpp"
#include "takt/node/test/rig.hpp"

// Names that begin with V and a number are the lines of the conformance checklist.

namespace takt::node {
namespace {

using namespace testing;

class ServiceTest : public NodesTest {
 protected:
  Node server{"server", far()};
  Node caller{"caller", near()};
  Client<Add> client{caller.client<Add>("/add")};
};
INSTANTIATE_TEST_SUITE_P(, ServiceTest, ::testing::ValuesIn(ways()), name_of);

AddResponse add(const AddRequest& request) {
  return {request.a + request.b};
}

TEST_P(ServiceTest, V1ThreeConcurrentHandlersMeetAtABarrier) {
  Barrier barrier(3);
  auto service = server.serve<Add>("/add",
                                   [&](const AddRequest& request) -> Task<AddResponse> {
                                     co_await barrier.arrive();
                                     co_return add(request);
                                   },
                                   {.delivery = Delivery::kConcurrent});
  run([&]() -> Task<void> {
    co_await with_node(server, caller, [&]() -> Task<void> {
      const auto sums = co_await async::all_of(client.call({1, 1}), client.call({2, 2}), client.call({3, 3}));
      EXPECT_EQ(std::get<0>(sums).value().sum, 2);
      EXPECT_EQ(std::get<1>(sums).value().sum, 4);
      EXPECT_EQ(std::get<2>(sums).value().sum, 6);
    });
  });
  EXPECT_EQ(service.statistics().most_running, 3U);
}

TEST_P(ServiceTest, V2AnExceptionOfTheHandlerComesOutOfTheServersBlock) {
  for (const Delivery delivery : {Delivery::kSequential, Delivery::kConcurrent}) {
    Node failing("failing", far());
    failing.serve<Add>(
        "/fail", [](const AddRequest&) -> Task<AddResponse> { throw std::invalid_argument("the handler failed"); },
        {.delivery = delivery});
    Node calling("calling", near());
    auto failing_client = calling.client<Add>("/fail");
    run([&]() -> Task<void> {
      const auto error = co_await outcome(with_node(failing, calling, [&]() -> Task<void> {
        static_cast<void>(co_await failing_client.call({1, 2}, {.timeout = 10s}));
        co_await sleep_for(1h);
      }));
      EXPECT_TRUE(holds<std::invalid_argument>(error));
      EXPECT_TRUE(failing.destroyed() && calling.destroyed());
    });
  }
}

TEST_P(ServiceTest, V3DestroyingTheServersNodeCancelsItsHandlersAndTheCallerHearsOfIt) {
  for (const Delivery delivery : {Delivery::kSequential, Delivery::kConcurrent}) {
    Node going("going", far());
    bool entered = false;
    bool finished = false;
    going.serve<Add>("/slow",
                     [&](const AddRequest&) -> Task<AddResponse> {
                       entered = true;
                       co_await sleep_for(1h);
                       finished = true;
                       co_return AddResponse{};
                     },
                     {.delivery = delivery});
    Node calling("calling", near());
    auto slow = calling.client<Add>("/slow");
    run([&]() -> Task<void> {
      co_await with_node(calling, [&]() -> Task<void> {
        co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
          nursery.start("server", [&] { return going.run(); });
          nursery.start("destroyer", [&]() -> Task<void> {
            EXPECT_TRUE(co_await until([&] { return entered; }));
            going.destroy();
          });
          const auto response = co_await slow.call({1, 2}, {.timeout = 10s});
          EXPECT_FALSE(response);
          EXPECT_EQ(response.error(), CallError::kServerVanished);
          co_return kJoin;
        });
      });
    });
    EXPECT_FALSE(finished);
    EXPECT_TRUE(!exact() || now_ns() < 5'000'000'000);
  }
}

TEST_P(ServiceTest, RequestsWaitUntilTheNodeIsEntered) {
  server.serve<Add>("/add", add);
  run([&]() -> Task<void> {
    co_await with_node(caller, [&]() -> Task<void> {
      co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
        nursery.start("server", [&]() -> Task<void> {
          co_await sleep_for(1s);
          co_await server.run();
        });
        EXPECT_EQ((co_await client.call({1, 2})).value().sum, 3);
        server.destroy();
        co_return kJoin;
      });
    });
  });
}

TEST_P(ServiceTest, AFailureThatIsLoggedLeavesTheServerAlive) {
  auto service = server.serve<Add>("/add",
                                   [](const AddRequest& request) {
                                     if (request.a < 0) {
                                       throw std::invalid_argument("a negative number");
                                     }
                                     return add(request);
                                   },
                                   {.on_failure = FailurePolicy::log()});
  core::set_log_level(core::LogLevel::kOff);
  run([&]() -> Task<void> {
    co_await with_node(server, caller, [&]() -> Task<void> {
      const auto failed = co_await client.call({-1, 2}, {.timeout = 1s});
      EXPECT_FALSE(failed);
      EXPECT_EQ(failed.error(), in_process() ? CallError::kHandlerFailed : CallError::kTimedOut);
      EXPECT_EQ((co_await client.call({1, 2})).value().sum, 3);
    });
  });
  core::set_log_level(core::LogLevel::kInfo);
  EXPECT_EQ(service.statistics().failures, 1U);
  EXPECT_EQ(service.statistics().requests, 2U);
}

TEST_P(ServiceTest, ConcurrencyIsBounded) {
  auto service = server.serve<Add>("/add",
                                   [&](const AddRequest& request) -> Task<AddResponse> {
                                     co_await sleep_for(10ms);
                                     co_return add(request);
                                   },
                                   {.delivery = Delivery::kConcurrent, .max_concurrent = 2});
  run([&]() -> Task<void> {
    co_await with_node(server, caller, [&]() -> Task<void> {
      static_cast<void>(co_await async::all_of(client.call({1, 1}), client.call({2, 2}), client.call({3, 3})));
    });
  });
  EXPECT_EQ(service.statistics().most_running, 2U);
  EXPECT_GE(service.statistics().saturated, 1U);
  EXPECT_EQ(service.statistics().responses, 3U);
}

TEST_P(ServiceTest, DrainAnswersWhatHasCome) {
  server.serve<Add>("/add", [](const AddRequest& request) -> Task<AddResponse> {
    co_await sleep_for(100ms);
    co_return add(request);
  });
  run([&]() -> Task<void> {
    co_await with_node(server, caller, [&]() -> Task<void> {
      co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
        nursery.start("drain", [&]() -> Task<void> {
          co_await sleep_for(10ms);
          co_await server.drain(10s);
        });
        const auto sums = co_await async::all_of(client.call({1, 1}), client.call({2, 2}));
        EXPECT_EQ(std::get<0>(sums).value().sum, 2);
        EXPECT_EQ(std::get<1>(sums).value().sum, 4);
        co_return kJoin;
      });
    });
  });
}

TEST_P(ServiceTest, H3AResponseToAClientThatHasGoneIsDroppedAndCountedAndTheLoopGoesOn) {
  auto service = server.serve<Add>("/add", [&](const AddRequest& request) -> Task<AddResponse> {
    client.destroy();
    co_await sleep_for(1ms);
    co_return add(request);
  });
  run([&]() -> Task<void> {
    co_await with_node(server, caller, [&]() -> Task<void> {
      EXPECT_FALSE(co_await client.call({1, 2}));
      auto another = caller.client<Add>("/add");
      EXPECT_EQ((co_await another.call({1, 2})).value().sum, 3);
    });
  });
  EXPECT_EQ(service.statistics().requests, 2U);
  EXPECT_EQ(service.statistics().undelivered, 1U);
}

TEST_P(ServiceTest, AServerOnAnotherThreadsLoopAnswers) {
  server.serve<Add>("/add", add);
  std::thread other([&] {
    async::EventLoop loop;
    loop.run(server.run());
  });
  async::EventLoop loop;
  const auto calls = [&]() -> Task<void> {
    co_await with_node(caller, [&]() -> Task<void> {
      for (std::int64_t i = 0; i < 200; ++i) {
        EXPECT_EQ((co_await client.call({i, i})).value().sum, 2 * i);
      }
    });
  };
  loop.run(calls());
  server.destroy();
  other.join();
}

TEST_P(ServiceTest, OneNameHasOneType) {
  server.serve<Add>("/both", add);
  Node same_bus("same_bus", far());
  EXPECT_THROW(same_bus.serve<SetBool>("/both", [](const SetBoolRequest&) { return SetBoolResponse{}; }), LogicError);
}

TEST_P(ServiceTest, RequestsWhoseCallersHaveGivenUpDoNotPileUp) {
  if (!in_process()) {
    GTEST_SKIP() << "a transport does not tell a server that a caller has given up";
  }
  Node server("server", far());
  Node caller("caller", near());
  async::Event released("released");
  auto service = server.serve<Add>("/add", [&](const AddRequest&) -> Task<AddResponse> {
    co_await released;
    co_return AddResponse{};
  });
  auto client = caller.client<Add>("/add");
  run([&]() -> Task<void> {
    co_await with_node(server, caller, [&]() -> Task<void> {
      for (int i = 0; i < 500; ++i) {
        EXPECT_FALSE(co_await client.call({1, 2}, {.timeout = 1ms}));
      }
      released.set();
      co_await sleep_for(1s);
      EXPECT_LE(service.statistics().requests, 20U);
    });
  });
}

}  // namespace
}  // namespace takt::node
