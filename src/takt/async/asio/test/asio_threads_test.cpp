#include <array>
#include <atomic>
#include <csignal>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "takt/async/asio/asio.hpp"
#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/doorbell.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"

// Other threads, and a loop that waits inside Asio.
namespace takt::async {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::ip::tcp;
using boost::system::error_code;

TEST(AsioThreadsTest, ADoorbellWakesALoopThatWaitsInAsio) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    static_cast<void>(asio_context());
    Doorbell bell("bell");
    std::atomic<int> answered{0};
    std::jthread ringer([&] {
      for (int round = 0; round < 200; ++round) {
        bell.ring();
        while (answered.load() <= round) {
          std::this_thread::yield();
        }
        if (round % 20 == 0) {
          std::this_thread::sleep_for(1ms);  // long enough for the loop to fall asleep
        }
      }
    });
    for (int round = 0; round < 200; ++round) {
      co_await bell;
      ++answered;
    }
    ringer.join();
  }());
}

TEST(AsioThreadsTest, CancelFromAnotherThreadWakesALoopThatWaitsInAsio) {
  EventLoop loop;
  std::atomic<bool> running{false};
  std::jthread other([&] {
    running.wait(false);
    std::this_thread::sleep_for(3ms);  // it sleeps by now, or is about to
    loop.cancel("from outside");
  });
  const auto app = [&]() -> Task<void> {
    running = true;
    running.notify_all();
    tcp::acceptor acceptor(asio_context(), {asio::ip::address_v4::loopback(), 0});
    co_await acceptor.async_accept(use_task);
  };
  EXPECT_THROW(loop.run(app()), Cancelled);
}

EventLoop* signalled_loop = nullptr;

TEST(AsioThreadsTest, CancelFromASignalHandlerWakesALoopThatWaitsInAsio) {
  EventLoop loop;
  signalled_loop = &loop;
  const auto previous = std::signal(SIGUSR1, [](int) { signalled_loop->cancel("a signal"); });
  const pthread_t loop_thread = pthread_self();
  std::atomic<bool> running{false};
  std::jthread other([&] {
    running.wait(false);
    std::this_thread::sleep_for(3ms);
    pthread_kill(loop_thread, SIGUSR1);
  });
  const auto app = [&]() -> Task<void> {
    running = true;
    running.notify_all();
    asio::steady_timer timer(asio_context(), 1h);
    co_await timer.async_wait(use_task);
  };
  EXPECT_THROW(loop.run(app()), Cancelled);
  other.join();
  std::signal(SIGUSR1, previous);
}

TEST(AsioThreadsTest, ADoorbellOnVirtualTimeWakesALoopThatWaitsInAsio) {
  EventLoop loop(LoopTime::kVirtual);
  loop.run([]() -> Task<void> {
    asio::steady_timer timer(asio_context(), 1h);
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("timer", [&]() -> Task<void> { co_await timer.async_wait(use_task); });
      Doorbell bell("bell");
      std::jthread ringer([&] {
        std::this_thread::sleep_for(2ms);
        bell.ring();
      });
      co_await bell;
      ringer.join();
      co_return kCancel;
    });
  }());
}

TEST(AsioThreadsTest, WorkPostedFromAnotherThreadRunsOnTheLoop) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    asio::io_context* context = &asio_context();
    const std::thread::id loop_thread = std::this_thread::get_id();
    asio::steady_timer done(asio_context(), 1h);
    std::jthread other([&] {
      std::this_thread::sleep_for(2ms);
      asio::post(*context, [&] {
        EXPECT_EQ(std::this_thread::get_id(), loop_thread);
        done.cancel();
      });
    });
    EXPECT_FALSE((co_await done.async_wait(use_result)).has_value());
  }());
}

TEST(AsioThreadsTest, AnOperationOfAnotherContextComesBackToTheLoop) {
  asio::thread_pool pool(2);
  EventLoop loop;
  loop.run([](asio::thread_pool* other) -> Task<void> {
    const std::thread::id loop_thread = std::this_thread::get_id();
    for (int round = 0; round < 200; ++round) {
      co_await asio::post(*other, use_task);
      EXPECT_EQ(std::this_thread::get_id(), loop_thread);
    }
    asio::steady_timer timer(*other, 1ms);
    co_await timer.async_wait(use_task);
    EXPECT_EQ(std::this_thread::get_id(), loop_thread);
    timer.expires_after(1h);
    EXPECT_FALSE(co_await with_timeout(1ms, timer.async_wait(use_task)));
  }(&pool));
}

TEST(AsioThreadsTest, ALoopMayEndAtOnceAfterAnOperationOfAnotherContext) {
  asio::thread_pool pool(2);
  for (int round = 0; round < 300; ++round) {  // the pool's thread is still on its way back
    EventLoop loop;
    loop.run([](asio::thread_pool* other) -> Task<void> { co_await asio::post(*other, use_task); }(&pool));
  }
}

TEST(AsioThreadsTest, AHandlerThatAnotherThreadDestroysIsALogicError) {
  EventLoop loop;
  const auto app = []() -> Task<void> {
    co_await asio::async_initiate<const UseTask, void()>(
        [](auto handler) { std::thread([dropped = std::move(handler)] {}).detach(); }, use_task);
  };
  EXPECT_THROW(loop.run(app()), LogicError);
}

Task<void> echo_once(tcp::acceptor* acceptor) {
  tcp::socket peer = co_await acceptor->async_accept(use_task);
  std::array<char, 4> buffer{};
  co_await asio::async_read(peer, asio::buffer(buffer), use_task);
  co_await asio::async_write(peer, asio::buffer(buffer), use_task);
}

TEST(AsioThreadsTest, TwoLoopsOnTwoThreadsTalkEachWithItsOwnContext) {
  std::atomic<unsigned short> port{0};
  std::jthread server([&] {
    EventLoop loop;
    loop.run([](std::atomic<unsigned short>* out) -> Task<void> {
      tcp::acceptor acceptor(asio_context(), {asio::ip::address_v4::loopback(), 0});
      out->store(acceptor.local_endpoint().port());
      for (int i = 0; i < 20; ++i) {
        co_await echo_once(&acceptor);
      }
    }(&port));
  });
  EventLoop loop;
  loop.run([](std::atomic<unsigned short>* in) -> Task<void> {
    while (in->load() == 0) {
      co_await sleep_for(1ms);
    }
    for (int i = 0; i < 20; ++i) {
      tcp::socket socket(asio_context());
      co_await socket.async_connect({asio::ip::address_v4::loopback(), in->load()}, use_task);
      co_await asio::async_write(socket, asio::buffer("ping", 4), use_task);
      std::array<char, 4> buffer{};
      EXPECT_EQ(co_await asio::async_read(socket, asio::buffer(buffer), use_task), 4U);
    }
  }(&port));
}

TEST(AsioThreadsTest, AHandlerThatIsCalledOnAnotherThreadComesBackToTheLoop) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    std::jthread library;
    auto answers = asio::async_initiate<const UseTask&, void(error_code, std::string)>(
        [&](auto handler) {
          library = std::jthread([handler = std::move(handler)]() mutable {
            std::this_thread::sleep_for(3ms);  // long enough for the loop to fall asleep
            std::move(handler)(error_code(), "from the other side of a thread");
          });
        },
        use_task);
    const std::string answer = co_await std::move(answers);
    EXPECT_EQ(answer, "from the other side of a thread");
  }());
}

TEST(AsioThreadsTest, ALoopMayRunOnAnotherThreadNextTime) {
  EventLoop loop;
  const auto app = []() -> Task<void> {
    asio::steady_timer timer(asio_context(), 1ms);
    co_await timer.async_wait(use_task);
    co_await sleep_for(1ms);
  };
  loop.run(app());
  std::thread([&] { loop.run(app()); }).join();
  loop.run(app());
}

}  // namespace
}  // namespace takt::async
