#include <array>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "takt/async/asio/asio.hpp"
#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"

namespace takt::async {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using boost::system::error_code;
using Socket = asio::local::stream_protocol::socket;

struct Pair {
  Socket left{asio_context()};
  Socket right{asio_context()};
  Pair() { asio::local::connect_pair(left, right); }
};

TEST(AsioCancellationTest, AReadThatNeverComesEndsWithItsTimeoutAndTheSocketStaysUsable) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    Pair pair;
    std::array<char, 8> buffer{};
    for (int round = 0; round < 3; ++round) {
      const std::optional<std::size_t> nothing =
          co_await with_timeout(2ms, pair.left.async_read_some(asio::buffer(buffer), use_task));
      EXPECT_FALSE(nothing.has_value());
      co_await asio::async_write(pair.right, asio::buffer("abc", 3), use_task);
      const std::optional<std::size_t> bytes =
          co_await with_timeout(1h, pair.left.async_read_some(asio::buffer(buffer), use_task));
      EXPECT_EQ(bytes, 3U);
    }
  }());
}

TEST(AsioCancellationTest, AComposedReadEndsAsWell) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    Pair pair;
    std::array<char, 8> buffer{};
    co_await asio::async_write(pair.right, asio::buffer("abc", 3), use_task);
    const auto all = co_await with_timeout(2ms, asio::async_read(pair.left, asio::buffer(buffer), use_task));
    EXPECT_FALSE(all.has_value());
    co_await asio::async_write(pair.right, asio::buffer("xy", 2), use_task);
    EXPECT_EQ(co_await pair.left.async_read_some(asio::buffer(buffer), use_task), 2U);
  }());
}

TEST(AsioCancellationTest, WithEitherTokenCancelledIsThrown) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    Pair pair;
    std::array<char, 8> buffer{};
    EXPECT_FALSE((co_await with_timeout(1ms, pair.left.async_read_some(asio::buffer(buffer), use_result))).has_value());
    EXPECT_FALSE((co_await with_timeout(1ms, pair.left.async_read_some(asio::buffer(buffer), asio::as_tuple(use_task))))
                     .has_value());
  }());
}

TEST(AsioCancellationTest, AResultThatIsOnItsWayWinsAndTheNextAwaitThrows) {
  EventLoop loop;
  std::string told;
  loop.run([](std::string* out) -> Task<void> {
    Pair pair;
    std::array<char, 8> buffer{};
    co_await asio::async_write(pair.right, asio::buffer("abc", 3), use_task);
    CancelScope scope;
    const auto read = [&]() -> Task<void> {
      out->append("read " + std::to_string(co_await pair.left.async_read_some(asio::buffer(buffer), use_task)));
      co_await checkpoint();
      out->append(" and went on");
    };
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("reader", [&]() -> Task<void> { EXPECT_FALSE(co_await scope.run(read())); });
      nursery.start("canceller", [&]() -> Task<void> {
        scope.cancel("after the bytes were taken, before the task could know");
        co_return;
      });
      co_return kJoin;
    });
  }(&told));
  EXPECT_EQ(told, "read 3");
}

// The handler's arrival is decided by the test: success after the scope was cancelled.
TEST(AsioCancellationTest, AnOperationThatIgnoresCancellationIsWaitedForAndItsResultStands) {
  EventLoop loop(LoopTime::kVirtual);
  std::string told;
  loop.run([](std::string* out) -> Task<void> {
    CancelScope scope;
    const auto wait = [&]() -> Task<void> {
      const int value = co_await asio::async_initiate<const UseTask, void(error_code, int)>(
          [&](auto handler) {
            asio::post(asio_context(), [&scope, handler = std::move(handler)]() mutable {
              scope.cancel("while it works");
              asio::post(asio_context(),
                         [handler = std::move(handler)]() mutable { std::move(handler)(error_code(), 4); });
            });
          },
          use_task);
      out->append("result " + std::to_string(value));
      co_await checkpoint();
      out->append("never");
    };
    EXPECT_FALSE(co_await scope.run(wait()));
  }(&told));
  EXPECT_EQ(told, "result 4");
}

TEST(AsioCancellationTest, AnotherErrorThatArrivesAfterTheCancellationIsThrown) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<void> {
    CancelScope scope;
    auto run = scope.run(asio::async_initiate<const UseTask, void(error_code)>(
        [&](auto handler) {
          asio::post(asio_context(), [&scope, handler = std::move(handler)]() mutable {
            scope.cancel("while it works");
            std::move(handler)(error_code(asio::error::connection_reset));
          });
        },
        use_task));
    static_cast<void>(co_await std::move(run));
  };
  EXPECT_THROW(loop.run(app()), boost::system::system_error);
}

TEST(AsioCancellationTest, AHandlerThatIsDestroyedAfterTheCancellationEndsAsCancelled) {
  EventLoop loop(LoopTime::kVirtual);
  loop.run([]() -> Task<void> {
    CancelScope scope;
    const bool ended = co_await scope.run(asio::async_initiate<const UseTask, void(error_code)>(
        [&](auto handler) {
          asio::post(asio_context(), [&scope, handler = std::move(handler)]() { scope.cancel("and dropped"); });
        },
        use_task));
    EXPECT_FALSE(ended);
  }());
}

TEST(AsioCancellationTest, AHandlerThatTheCancellationItselfCallsEndsAsCancelled) {
  EventLoop loop(LoopTime::kVirtual);
  loop.run([]() -> Task<void> {
    const bool ended = co_await with_timeout(
        1s,
        asio::async_initiate<const UseTask, void(error_code)>(
            [](auto handler) {
              auto slot = asio::get_associated_cancellation_slot(handler);
              auto shared = std::make_shared<decltype(handler)>(std::move(handler));
              slot.assign([shared](asio::cancellation_type) { (*shared)(error_code(asio::error::operation_aborted)); });
            },
            use_task));
    EXPECT_FALSE(ended);
  }());
}

TEST(AsioCancellationTest, AnAbortThatNoScopeAskedForIsAnError) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    Pair pair;
    std::array<char, 8> buffer{};
    asio::post(asio_context(), [&] { pair.left.close(); });
    error_code code;
    try {
      co_await pair.left.async_read_some(asio::buffer(buffer), use_task);
    } catch (const boost::system::system_error& error) {
      code = error.code();
    }
    EXPECT_EQ(code, asio::error::operation_aborted);
  }());
}

TEST(AsioCancellationTest, InACancelledScopeNoOperationBegins) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    CancelScope scope;
    scope.cancel("before");
    bool begun = false;
    const bool ended = co_await scope.run(asio::async_initiate<const UseTask, void()>(
        [&](auto handler) {
          begun = true;
          asio::post(asio_context(), std::move(handler));
        },
        use_task));
    EXPECT_FALSE(ended);
    EXPECT_FALSE(begun);
  }());
}

TEST(AsioCancellationTest, AnAcceptEndsAndTheAcceptorStaysUsable) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    asio::ip::tcp::acceptor acceptor(asio_context(), {asio::ip::address_v4::loopback(), 0});
    EXPECT_FALSE((co_await with_timeout(2ms, acceptor.async_accept(use_task))).has_value());
    asio::ip::tcp::socket client(asio_context());
    co_await client.async_connect(acceptor.local_endpoint(), use_task);
    const asio::ip::tcp::socket server = co_await acceptor.async_accept(use_task);
    EXPECT_EQ(server.remote_endpoint(), client.local_endpoint());
  }());
}

TEST(AsioCancellationTest, AnAsioTimerEnds) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    asio::steady_timer timer(asio_context(), 1h);
    EXPECT_FALSE(co_await with_timeout(1ms, timer.async_wait(use_task)));
    timer.expires_after(1ms);
    co_await timer.async_wait(use_task);
  }());
}

TEST(AsioCancellationTest, ANurseryThatFailsCallsOffTheOperationsOfTheOthers) {
  EventLoop loop;
  const auto app = []() -> Task<void> {
    Pair pair;
    std::array<char, 8> buffer{};
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      for (int i = 0; i < 3; ++i) {
        nursery.start("reader", [&]() -> Task<void> {
          co_await pair.left.async_read_some(asio::buffer(buffer), use_task);
          ADD_FAILURE() << "something was read";
        });
      }
      nursery.start("failing", []() -> Task<void> {
        co_await sleep_for(1ms);
        throw std::out_of_range("for a reason");
      });
      co_return kJoin;
    });
  };
  EXPECT_THROW(loop.run(app()), ExceptionGroup);
}

TEST(AsioCancellationTest, ShieldedCleanupMayUseTheSocket) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    Pair pair;
    std::array<char, 8> buffer{};
    const auto session = [&]() -> Task<void> {
      co_await with_cleanup(
          [](Pair* sockets, std::array<char, 8>* bytes) -> Task<void> {
            co_await sockets->left.async_read_some(asio::buffer(*bytes), use_task);
          }(&pair, &buffer),
          1s, [&]() -> Task<void> { co_await asio::async_write(pair.left, asio::buffer("bye", 3), use_task); });
    };
    EXPECT_FALSE(co_await with_timeout(1ms, session()));
    EXPECT_EQ(co_await pair.right.async_read_some(asio::buffer(buffer), use_task), 3U);
  }());
}

TEST(AsioCancellationTest, AnAsioCoroutineInsideIsCalledOff) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    const auto coroutine = []() -> asio::awaitable<int> {
      asio::steady_timer timer(co_await asio::this_coro::executor, 1h);
      co_await timer.async_wait(asio::use_awaitable);
      co_return 1;
    };
    EXPECT_FALSE((co_await with_timeout(1ms, asio::co_spawn(asio_context(), coroutine(), use_task))).has_value());
    const auto quick = []() -> asio::awaitable<int> { co_return 2; };
    EXPECT_EQ(co_await asio::co_spawn(asio_context(), quick(), use_task), 2);
  }());
}

}  // namespace
}  // namespace takt::async
