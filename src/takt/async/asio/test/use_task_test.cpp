#include "takt/async/asio/use_task.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect_pipe.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/writable_pipe.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "takt/async/asio/asio_context.hpp"
#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"
#include "takt/core/sanitizers.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::async {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using boost::system::error_code;

/// An operation of whatever signature: `initiate(handler)` decides when and with what the handler is called.
template <class Signature, class Initiate, class Token>
auto start_operation(Initiate initiate, Token token) {
  return asio::async_initiate<Token, Signature>(std::move(initiate), token);
}

/// The handler is called by the io_context with these.
template <class... Results>
auto giving(Results... results) {
  return [... results = std::move(results)](auto handler) mutable {
    asio::post(asio_context(), [handler = std::move(handler), ... results = std::move(results)]() mutable {
      std::move(handler)(std::move(results)...);
    });
  };
}

struct Pipe {
  asio::readable_pipe reader{asio_context()};
  asio::writable_pipe writer{asio_context()};
  Pipe() { asio::connect_pipe(reader, writer); }
};

TEST(UseTaskTest, AnOperationWithoutResultsGivesNothing) {
  EventLoop loop;
  bool done = false;
  loop.run([](bool* out) -> Task<void> {
    co_await asio::post(asio_context(), use_task);
    co_await start_operation<void(error_code)>(giving(error_code()), use_task);
    *out = true;
  }(&done));
  EXPECT_TRUE(done);
}

TEST(UseTaskTest, OneResultIsAValueAndSeveralAreATuple) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    const int one = co_await start_operation<void(int)>(giving(7), use_task);
    EXPECT_EQ(one, 7);
    const std::tuple<int, std::string> two = co_await start_operation<void(error_code, int, std::string)>(
        giving(error_code(), 8, std::string("x")), use_task);
    EXPECT_EQ(std::get<0>(two), 8);
    EXPECT_EQ(std::get<1>(two), "x");
  }());
}

TEST(UseTaskTest, AResultMayBeMoveOnly) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    const std::unique_ptr<int> value = co_await start_operation<void(error_code, std::unique_ptr<int>)>(
        giving(error_code(), std::make_unique<int>(3)), use_task);
    EXPECT_EQ(*value, 3);
  }());
}

TEST(UseTaskTest, AnErrorIsThrownAndNamesTheOperation) {
  EventLoop loop;
  const auto read_from_closed = []() -> Task<void> {
    std::array<char, 4> buffer{};
    asio::readable_pipe closed(asio_context());
    co_await closed.async_read_some(asio::buffer(buffer), use_task);
  };
  try {
    loop.run(read_from_closed());
    ADD_FAILURE() << "nothing was thrown";
  } catch (const boost::system::system_error& error) {
    EXPECT_EQ(error.code(), asio::error::bad_descriptor);
    EXPECT_NE(std::string(error.what()).find("Asio's async_read_some: Bad file descriptor"), std::string::npos)
        << error.what();
  }
}

TEST(UseTaskTest, AnExceptionOfTheOperationIsRethrown) {
  EventLoop loop;
  const auto fails = []() -> Task<void> {
    co_await start_operation<void(std::exception_ptr, int)>(
        giving(std::make_exception_ptr(std::out_of_range("far")), 0), use_task);
  };
  EXPECT_THROW(loop.run(fails()), std::out_of_range);
}

TEST(UseTaskTest, UseResultGivesErrorsInsteadOfThrowingThem) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    Pipe pipe;
    std::array<char, 4> buffer{};
    const Expected<std::size_t, error_code> written =
        co_await pipe.writer.async_write_some(asio::buffer("abc", 3), use_result);
    EXPECT_EQ(written.value(), 3U);
    const Expected<std::size_t, error_code> read =
        co_await pipe.reader.async_read_some(asio::buffer(buffer), use_result);
    EXPECT_EQ(read.value(), 3U);
    pipe.writer.close();
    const Expected<std::size_t, error_code> end =
        co_await pipe.reader.async_read_some(asio::buffer(buffer), use_result);
    EXPECT_FALSE(end.has_value());
    EXPECT_EQ(end.error(), asio::error::eof);
    const Expected<void, error_code> nothing =
        co_await start_operation<void(error_code)>(giving(error_code()), use_result);
    EXPECT_TRUE(nothing.has_value());
    const Expected<int, std::exception_ptr> failed = co_await start_operation<void(std::exception_ptr, int)>(
        giving(std::make_exception_ptr(std::out_of_range("far")), 0), use_result);
    EXPECT_THROW(std::rethrow_exception(failed.error()), std::out_of_range);
  }());
}

TEST(UseTaskTest, ErrorAndValueTogetherComeThroughAsTuple) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    Pipe pipe;
    std::array<char, 8> buffer{};
    co_await asio::async_write(pipe.writer, asio::buffer("abc", 3), use_task);
    pipe.writer.close();
    const std::tuple<error_code, std::size_t> both =
        co_await asio::async_read(pipe.reader, asio::buffer(buffer), asio::as_tuple(use_task));
    EXPECT_EQ(std::get<0>(both), asio::error::eof);
    EXPECT_EQ(std::get<1>(both), 3U);
  }());
}

TEST(UseTaskTest, AnOperationBeginsWhenItIsAwaited) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    int begun = 0;
    auto operation = start_operation<void()>(
        [&begun](auto handler) {
          ++begun;
          asio::post(asio_context(), std::move(handler));
        },
        use_task);
    co_await yield();
    EXPECT_EQ(begun, 0);
    co_await std::move(operation);
    EXPECT_EQ(begun, 1);
  }());
}

TEST(UseTaskTest, AnOperationThatIsAwaitedTwiceIsALogicError) {
  EventLoop loop;
  const auto app = []() -> Task<void> {
    auto operation = asio::post(asio_context(), use_task);
    co_await operation;
    co_await operation;
  };
  EXPECT_THROW(loop.run(app()), LogicError);
}

TEST(UseTaskTest, AnOperationThatIsNeverAwaitedNeverBegins) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    auto operation = start_operation<void()>([](auto) { ADD_FAILURE() << "it began"; }, use_task);
    static_cast<void>(operation);
    co_return;
  }());
}

TEST(UseTaskTest, AHandlerThatIsCalledAtOnceEndsTheAwait) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    const int value = co_await start_operation<void(int)>([](auto handler) { std::move(handler)(5); }, use_task);
    EXPECT_EQ(value, 5);
    co_await asio::dispatch(asio_context(), use_task);
  }());
}

TEST(UseTaskTest, AnInitiationThatThrowsThrowsOutOfTheAwait) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    bool thrown = false;
    try {
      co_await start_operation<void()>([](auto) { throw std::out_of_range("no"); }, use_task);
    } catch (const std::out_of_range&) {
      thrown = true;
    }
    EXPECT_TRUE(thrown);
    co_await asio::post(asio_context(), use_task);  // and the loop is as before
  }());
}

TEST(UseTaskTest, AHandlerThatIsDestroyedAtOnceIsALogicError) {
  EventLoop loop;
  EXPECT_THROW(loop.run([]() -> Task<void> { co_await start_operation<void()>([](auto) {}, use_task); }()), LogicError);
}

TEST(UseTaskTest, AHandlerThatIsDestroyedLaterIsALogicError) {
  EventLoop loop;
  EXPECT_THROW(loop.run([]() -> Task<void> {
    co_await start_operation<void()>(
        [](auto handler) { asio::post(asio_context(), [dropped = std::move(handler)]() {}); }, use_task);
  }()),
               LogicError);
}

TEST(UseTaskTest, AnAwaitAllocatesAtMostOnce) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    Pipe pipe;
    std::array<char, 4> buffer{};
    constexpr std::uint64_t kRounds = 100;
    std::uint64_t allocations = 0;
    for (int pass = 0; pass < 2; ++pass) {  // the second is the steady state
      const testing::AllocationGuard guard;
      for (std::uint64_t round = 0; round < kRounds; ++round) {
        co_await pipe.writer.async_write_some(asio::buffer("abc", 3), use_task);
        co_await pipe.reader.async_read_some(asio::buffer(buffer), use_task);
      }
      allocations = guard.count();
    }
    if (!TAKT_ADDRESS_SANITIZER) {  // where blocks are not recycled
      EXPECT_LE(allocations, 2 * kRounds);
    }
  }());
}

TEST(UseTaskTest, AnOperationOutsideOfATaskIsALogicError) {
  auto operation = start_operation<void()>([](auto) {}, use_task);
  EXPECT_THROW(static_cast<void>(operation.await_ready()), LogicError);
}

TEST(UseTaskTest, ATaskThatWaitsSaysForWhichOperation) {
  EventLoop loop(LoopTime::kVirtual);
  std::string waits_for;
  loop.run([](EventLoop* own, std::string* out) -> Task<void> {
    asio::steady_timer timer(asio_context(), 1h);
    asio::post(asio_context(), [own, out, &timer] {
      *out = own->tasks().at(0).waiting_for;
      timer.cancel();
    });
    const auto result = co_await timer.async_wait(use_result);
    EXPECT_EQ(result.error(), asio::error::operation_aborted);
  }(&loop, &waits_for));
  EXPECT_EQ(waits_for, "Asio's async_wait");
}

TEST(UseTaskTest, OperationsOfNoNameAreDescribedAsWell) {
  const auto operation = start_operation<void()>([](auto) {}, use_task);
  EXPECT_EQ(operation.describe(), "an Asio operation");
}

}  // namespace
}  // namespace takt::async
