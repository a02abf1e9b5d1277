// Completion against cancellation at random moments, seeded: a socket whose other end another thread serves, and
// Asio's timers.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "takt/async/asio/asio.hpp"
#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/doorbell.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/test/random_moments.hpp"

namespace takt::async {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using boost::system::error_code;
using Socket = asio::local::stream_protocol::socket;
using Bytes = std::vector<unsigned char>;

constexpr std::size_t kBytes = 2000;

struct Ends {
  int ours;
  int theirs;
};

Ends make_ends() {
  std::array<int, 2> ends{};
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const int small = 1;  // rounded up to what the kernel allows: writes shall have to wait
  EXPECT_EQ(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
  EXPECT_EQ(setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
  return {ends[0], ends[1]};
}

/// Sends back what comes, in pieces, until nothing more comes; then closes.
void echo(int descriptor, RandomMoments moments) {
  std::array<char, 300> buffer{};
  while (true) {
    const auto wanted = static_cast<std::size_t>(moments.below(static_cast<int>(buffer.size()))) + 1;
    const ssize_t count = read(descriptor, buffer.data(), wanted);
    if (count <= 0) {
      break;
    }
    moments.pass(std::chrono::microseconds(moments.once_in(3) ? 150 : 1));
    EXPECT_EQ(send(descriptor, buffer.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL), count);
  }
  close(descriptor);
}

Bytes random_bytes(RandomMoments& moments) {
  Bytes bytes;
  for (std::size_t i = 0; i < kBytes; ++i) {
    bytes.push_back(static_cast<unsigned char>(moments.below(256)));
  }
  return bytes;
}

struct Talk {
  Socket socket{asio_context()};
  Bytes sent;
  Bytes received;
  int cancelled{0};
};

// What a cancelled write had taken would be sent twice, or its neighbour never.
Task<void> send_all(Talk* talk, RandomMoments moments) {
  std::size_t taken = 0;
  while (taken < talk->sent.size()) {
    const std::size_t piece = std::min(talk->sent.size() - taken, static_cast<std::size_t>(1 + moments.below(2000)));
    const auto count = co_await with_timeout(
        moments.up_to(100us), talk->socket.async_write_some(asio::buffer(talk->sent.data() + taken, piece), use_task));
    taken += count.value_or(0);
    talk->cancelled += count ? 0 : 1;
  }
  talk->socket.shutdown(asio::socket_base::shutdown_send);
}

Task<void> receive_all(Talk* talk, RandomMoments moments) {
  std::array<unsigned char, 256> buffer{};
  while (true) {
    const auto count =
        co_await with_timeout(moments.up_to(100us), talk->socket.async_read_some(asio::buffer(buffer), use_result));
    if (!count) {
      ++talk->cancelled;
    } else if (*count) {
      talk->received.insert(talk->received.end(), buffer.begin(),
                            buffer.begin() + static_cast<std::ptrdiff_t>(**count));
    } else {
      EXPECT_EQ(count->error(), asio::error::eof);
      co_return;
    }
  }
}

/// The bytes read, 0 at the end.
Task<std::size_t> read_some(Socket* socket, std::array<unsigned char, 256>* buffer) {
  const auto count = co_await socket->async_read_some(asio::buffer(*buffer), use_result);
  co_return count.value_or(0);
}

// Reads as well, each in a scope that a bell of another thread cancels.
Task<void> receive_until_rung(Talk* talk, Doorbell* bell) {
  std::array<unsigned char, 256> buffer{};
  bool open = true;
  while (open) {
    CancelScope scope;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("bell", [&]() -> Task<void> {
        co_await *bell;
        scope.cancel("the bell rang");
      });
      const auto count = co_await scope.run(read_some(&talk->socket, &buffer));
      talk->cancelled += count ? 0 : 1;
      open = !count || *count > 0;
      talk->received.insert(talk->received.end(), buffer.begin(),
                            buffer.begin() + static_cast<std::ptrdiff_t>(count.value_or(0)));
      co_return kCancel;
    });
  }
}

Task<int> talk_with(int descriptor, std::uint32_t seed, bool by_bell) {
  RandomMoments moments(seed, 0);
  Talk talk;
  talk.socket.assign(asio::local::stream_protocol(), descriptor);
  talk.sent = random_bytes(moments);
  Doorbell bell("cancel");
  const std::jthread ringer([&bell, seed, by_bell](const std::stop_token& stop) {
    for (RandomMoments pauses(seed, 4); by_bell && !stop.stop_requested(); pauses.pass(200us)) {
      bell.ring();
    }
  });
  co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
    nursery.start("send", send_all(&talk, {seed, 2}));
    nursery.start("receive", by_bell ? receive_until_rung(&talk, &bell) : receive_all(&talk, {seed, 3}));
    co_return kJoin;
  });
  EXPECT_EQ(talk.received, talk.sent);
  co_return talk.cancelled;
}

void expect_every_byte_once(bool by_bell) {
  int cancelled = 0;
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Ends ends = make_ends();
    const std::jthread other(echo, ends.theirs, RandomMoments(seed, 1));
    EventLoop loop;
    cancelled += loop.run(talk_with(ends.ours, seed, by_bell));
    EXPECT_EQ(loop.statistics().swallowed_cancellations, 0U);
  }
  EXPECT_GT(cancelled, 0);
}

TEST(AsioRaceTest, NoByteIsLostOrDoubledByATimeout) {
  expect_every_byte_once(false);
}

TEST(AsioRaceTest, NorByACancellationThatAnotherThreadAskedFor) {
  expect_every_byte_once(true);
}

Task<void> race_timers(std::uint32_t seed) {
  RandomMoments moments(seed, 0);
  asio::steady_timer timer(asio_context());
  for (int round = 0; round < 20; ++round) {
    const auto expiry = std::chrono::steady_clock::now() + moments.up_to(60us);
    timer.expires_at(expiry);
    if (co_await with_timeout(moments.up_to(60us), timer.async_wait(use_task))) {
      EXPECT_GE(std::chrono::steady_clock::now(), expiry);
    } else {
      co_await timer.async_wait(use_task);  // it is as it was, and goes off
      EXPECT_GE(std::chrono::steady_clock::now(), expiry);
    }
  }
}

TEST(AsioRaceTest, ATimerThatIsNotWaitedForAnyMoreStillGoesOff) {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    EventLoop loop;
    loop.run(race_timers(seed));
    EXPECT_EQ(loop.statistics().swallowed_cancellations, 0U);
  }
}

}  // namespace
}  // namespace takt::async
