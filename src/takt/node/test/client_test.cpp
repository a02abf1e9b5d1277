#include "takt/node/client.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "takt/async/tasks/combine.hpp"
#include "takt/node/test/rig.hpp"

// Names that begin with C or H and a number are the lines of the conformance checklist.

namespace takt::node {
namespace {

using namespace testing;

class ClientTest : public NodesTest {
 protected:
  Node server{"server", far()};
  Node caller{"caller", near()};
  Client<SetBool> client{caller.client<SetBool>("/set_bool")};
};
INSTANTIATE_TEST_SUITE_P(, ClientTest, ::testing::ValuesIn(ways()), name_of);

SetBoolResponse echo(const SetBoolRequest& request) {
  return {.success = request.data, .message = "done"};
}

TEST_P(ClientTest, C1CallsAServiceOfAnotherNode) {
  server.serve<SetBool>("/set_bool", echo);
  run([&]() -> Task<void> {
    co_await with_node(server, caller, [&]() -> Task<void> {
      const auto response = co_await client.call({.data = true}, {.timeout = 2s});
      EXPECT_TRUE(response);
      EXPECT_TRUE(response && response->success);
      EXPECT_EQ(response ? response->message : "", "done");
    });
  });
}

TEST_P(ClientTest, C2WaitForServiceTimesOutAndOtherwiseWaitsWithoutPolling) {
  run([&]() -> Task<void> {
    co_await with_node(server, caller, [&]() -> Task<void> {
      EXPECT_FALSE(co_await client.wait_for_service(200ms));
      expect_now(200ms);
      co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
        nursery.start("server", [&]() -> Task<void> {
          co_await sleep_for(300ms);
          server.serve<SetBool>("/set_bool", echo);
        });
        EXPECT_TRUE(co_await client.wait_for_service());
        expect_now(500ms);
        co_return kJoin;
      });
    });
  });
}

TEST_P(ClientTest, C3ACallOfADestroyedClientThrows) {
  client.destroy();
  run([&]() -> Task<void> {
    co_await with_node(caller, [&]() -> Task<void> {
      EXPECT_THROW(static_cast<void>(co_await client.call({.data = true})), LogicError);
    });
  });
}

TEST_P(ClientTest, ACallOfANodeThatIsNotEnteredThrows) {
  run([&]() -> Task<void> { EXPECT_THROW(static_cast<void>(co_await client.call({.data = true})), LogicError); });
}

TEST_P(ClientTest, C4ConcurrentCallsGetTheirOwnResponses) {
  auto adder = caller.client<Add>("/add");
  server.serve<Add>("/add",
                    [](const AddRequest& request) -> Task<AddResponse> {
                      co_await sleep_for(10ms * (4 - request.a));  // the first answers last
                      co_return AddResponse{request.a + request.b};
                    },
                    {.delivery = Delivery::kConcurrent});
  run([&]() -> Task<void> {
    co_await with_node(server, caller, [&]() -> Task<void> {
      const auto sums = co_await async::all_of(adder.call({1, 10}), adder.call({2, 20}), adder.call({3, 30}));
      EXPECT_EQ(std::get<0>(sums).value().sum, 11);
      EXPECT_EQ(std::get<1>(sums).value().sum, 22);
      EXPECT_EQ(std::get<2>(sums).value().sum, 33);
    });
  });
}

TEST_P(ClientTest, C5ACallAfterOneThatTimedOutSucceedsAndTheLateResponseIsCounted) {
  bool slow = true;
  server.serve<SetBool>("/set_bool", [&](const SetBoolRequest& request) -> Task<SetBoolResponse> {
    if (std::exchange(slow, false)) {
      co_await sleep_for(500ms);
      co_return SetBoolResponse{.success = false, .message = "late"};
    }
    co_return echo(request);
  });
  run([&]() -> Task<void> {
    co_await with_node(server, caller, [&]() -> Task<void> {
      const auto first = co_await client.call({.data = true}, {.timeout = 200ms});
      EXPECT_FALSE(first);
      EXPECT_EQ(first.error(), CallError::kTimedOut);
      expect_now(200ms);
      const auto second = co_await client.call({.data = true}, {.timeout = 1s});
      EXPECT_EQ(second ? second->message : "", "done");
      EXPECT_EQ(client.statistics().late, 1U);
      EXPECT_EQ(client.statistics().responses, 1U);
    });
  });
}

TEST_P(ClientTest, C6DestroyingTheClientEndsTheCallInFlight) {
  server.serve<SetBool>("/set_bool", [&](const SetBoolRequest& request) -> Task<SetBoolResponse> {
    client.destroy();
    co_return echo(request);
  });
  run([&]() -> Task<void> {
    co_await with_node(server, caller, [&]() -> Task<void> {
      const auto response = co_await client.call({.data = true}, {.timeout = 10s});
      EXPECT_FALSE(response);
      EXPECT_EQ(response.error(), CallError::kClientClosed);
      EXPECT_FALSE(caller.destroyed());
    });
  });
}

TEST_P(ClientTest, TheCallersOwnCancellationIsCancelledAndNothingElse) {
  server.serve<SetBool>("/set_bool", [&](const SetBoolRequest& request) -> Task<SetBoolResponse> {
    co_await sleep_for(1h);
    co_return echo(request);
  });
  run([&]() -> Task<void> {
    co_await with_node(server, caller, [&]() -> Task<void> {
      bool cancelled = false;
      const auto call = [&]() -> Task<void> {
        try {
          static_cast<void>(co_await client.call({.data = true}));
        } catch (const async::Cancelled&) {
          cancelled = true;
          throw;
        }
      };
      EXPECT_FALSE(co_await async::with_timeout(100ms, call()));
      EXPECT_TRUE(cancelled);
      EXPECT_FALSE(client.destroyed());
    });
  });
}

TEST_P(ClientTest, WithoutAServerACallSaysSoAtOnce) {
  run([&]() -> Task<void> {
    co_await with_node(caller, [&]() -> Task<void> {
      const auto response = co_await client.call({.data = true}, {.timeout = 10s});
      EXPECT_FALSE(response);
      EXPECT_EQ(response.error(), CallError::kNoServer);
      EXPECT_EQ(loop().clock().now_ns(), 0);
    });
  });
}

TEST_P(ClientTest, AServerThatNeverWasEnteredAndGoesIsNoticed) {
  auto service = server.serve<SetBool>("/set_bool", echo);
  run([&]() -> Task<void> {
    co_await with_node(caller, [&]() -> Task<void> {
      co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
        nursery.start("end", [&]() -> Task<void> {
          co_await sleep_for(1s);
          service.destroy();
        });
        const auto response = co_await client.call({.data = true});
        EXPECT_FALSE(response);
        EXPECT_EQ(response.error(), CallError::kServerVanished);
        EXPECT_EQ(loop().clock().now_ns(), 1'000'000'000);
        co_return kJoin;
      });
    });
  });
}

TEST_P(ClientTest, H1AResponseThatRacesItsTimeoutHurtsNobody) {
  // Response and timeout fall on the same instant, in either order, over and over.
  server.serve<SetBool>("/set_bool",
                        [&](const SetBoolRequest& request) -> Task<SetBoolResponse> {
                          co_await sleep_for(10ms);
                          co_return echo(request);
                        },
                        {.delivery = Delivery::kConcurrent});
  run([&]() -> Task<void> {
    co_await with_node(server, caller, [&]() -> Task<void> {
      std::uint64_t came = 0;
      for (int i = -20; i <= 20; ++i) {
        const auto response = co_await client.call({.data = true}, {.timeout = 10ms + std::chrono::nanoseconds(i)});
        EXPECT_TRUE(response || response.error() == CallError::kTimedOut);
        came += response ? 1 : 0;
      }
      co_await sleep_for(1s);
      EXPECT_EQ(client.statistics().responses, came);
      EXPECT_EQ(client.statistics().responses + client.statistics().late, 41U);
      EXPECT_TRUE((co_await client.call({.data = true})).has_value());
    });
  });
}

TEST_P(ClientTest, EveryErrorHasItsText) {
  std::set<std::string> texts;
  for (const CallError error :
       {CallError::kNoServer, CallError::kTimedOut, CallError::kServerVanished, CallError::kHandlerFailed,
        CallError::kClientClosed, CallError::kTooLarge, CallError::kRejected, CallError::kMalformed}) {
    texts.insert(to_string(error));
  }
  EXPECT_EQ(texts.size(), 8U);
}

TEST_P(ClientTest, AServerThatIsReplacedBetweenTwoTurnsHasVanishedForWhoWaits) {
  Node server("server", far());
  Node caller("caller", near());
  const auto answer = [](const AddRequest& request) { return AddResponse{request.a + request.b}; };
  auto service = server.serve<Add>("/add", answer);
  auto client = caller.client<Add>("/add");
  run([&]() -> Task<void> {
    co_await with_node(caller, [&]() -> Task<void> {
      co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
        nursery.start("restart", [&]() -> Task<void> {
          co_await sleep_for(1s);
          service.destroy();
          service = server.serve<Add>("/add", answer);
        });
        const auto response = co_await client.call({1, 2}, {.timeout = 100s});
        EXPECT_FALSE(response);
        EXPECT_EQ(response.error(), CallError::kServerVanished);
        co_return kJoin;
      });
    });
  });
}

TEST_P(ClientTest, AServerThatGoesWhileAnotherOfItsNameStaysHasVanishedForWhoAskedIt) {
  Node first("first", far());
  Node second("second", far());
  Node caller("caller", near());
  const auto answer = [](const AddRequest& request) { return AddResponse{request.a + request.b}; };
  auto asked = first.serve<Add>("/add", answer);  // which nobody enters: it answers nothing
  auto other = second.serve<Add>("/add", answer);
  auto client = caller.client<Add>("/add");
  run([&]() -> Task<void> {
    co_await with_node(second, caller, [&]() -> Task<void> {
      co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
        nursery.start("end", [&]() -> Task<void> {
          co_await sleep_for(100ms);
          asked.destroy();
        });
        const auto response = co_await client.call({1, 2});  // without a limit
        EXPECT_FALSE(response);
        EXPECT_TRUE(response || response.error() == CallError::kServerVanished);
        const auto again = co_await client.call({1, 2}, {.timeout = 100s});
        EXPECT_EQ(again ? again->sum : 0, 3);
        co_return kJoin;
      });
    });
  });
}

}  // namespace
}  // namespace takt::node
