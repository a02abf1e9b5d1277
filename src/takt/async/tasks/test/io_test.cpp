#include "takt/async/tasks/io.hpp"

#include <array>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/internal/loop_state.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"
#include "takt/core/sanitizers.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK), 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_write();
    close_read();
  }
  [[nodiscard]] int read_end() const { return ends_[0]; }
  [[nodiscard]] int write_end() const { return ends_[1]; }
  void put(char byte) const { EXPECT_EQ(write(ends_[1], &byte, 1), 1); }
  [[nodiscard]] ssize_t take() const {
    char byte = 0;
    return read(ends_[0], &byte, 1);
  }
  void fill() const {
    const std::array<char, 4096> block{};
    while (write(ends_[1], block.data(), block.size()) > 0) {
    }
  }
  void drain() const {
    std::array<char, 4096> block{};
    while (read(ends_[0], block.data(), block.size()) > 0) {
    }
  }
  void close_read() { close_end(0); }
  void close_write() { close_end(1); }

 private:
  void close_end(std::size_t end) {
    if (ends_[end] >= 0) {
      close(ends_[end]);
      ends_[end] = -1;
    }
  }

  std::array<int, 2> ends_{-1, -1};
};

class IoTest : public ::testing::TestWithParam<LoopTime> {
 protected:
  void run(std::function<Task<void>(Nursery&)> body) {
    const auto app = [&]() -> Task<void> {
      co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
        co_await body(nursery);
        co_return kJoin;
      });
    };
    loop.run(app());
    EXPECT_TRUE(loop.state().watches.empty());
    EXPECT_EQ(loop.state().outside_waits, 0);
  }
  EventLoop loop{GetParam()};
  Pipe pipe;
};

TEST_P(IoTest, ReadableWaitsUntilThereIsSomethingToRead) {
  run([&](Nursery& nursery) -> Task<void> {
    bool written = false;
    nursery.start("writer", [&]() -> Task<void> {
      co_await sleep_for(1ms);
      written = true;
      pipe.put('x');
    });
    co_await readable(pipe.read_end());
    EXPECT_TRUE(written);
    EXPECT_EQ(pipe.take(), 1);
  });
}

TEST_P(IoTest, AReadyDescriptorLetsTheOthersRunOnce) {
  run([&](Nursery& nursery) -> Task<void> {
    bool other_ran = false;
    nursery.start("other", [&]() -> Task<void> {
      other_ran = true;
      co_return;
    });
    pipe.put('x');
    co_await readable(pipe.read_end());
    EXPECT_TRUE(other_ran);
    co_await readable(pipe.read_end());  // still
    co_await writable(pipe.write_end());
  });
}

TEST_P(IoTest, WritableWaitsUntilThereIsRoom) {
  run([&](Nursery& nursery) -> Task<void> {
    pipe.fill();
    bool drained = false;
    nursery.start("reader", [&]() -> Task<void> {
      co_await sleep_for(1ms);
      drained = true;
      pipe.drain();
    });
    co_await writable(pipe.write_end());
    EXPECT_TRUE(drained);
  });
}

TEST_P(IoTest, SeveralTasksOnOneDescriptorAllWake) {
  int woke = 0;
  run([&](Nursery& nursery) -> Task<void> {
    for (int i = 0; i < 5; ++i) {
      nursery.start("reader", [&]() -> Task<void> {
        co_await readable(pipe.read_end());
        ++woke;
      });
    }
    co_await yield();
    EXPECT_EQ(loop.state().outside_waits, 5);
    pipe.put('x');
  });
  EXPECT_EQ(woke, 5);
}

TEST_P(IoTest, ReadingAndWritingOneSocketAtATimeIsTwoWaits) {
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
  bool read_came = false;
  run([&](Nursery& nursery) -> Task<void> {
    nursery.start("reader", [&]() -> Task<void> {
      co_await readable(ends[0]);
      read_came = true;
    });
    co_await yield();
    co_await writable(ends[0]);
    EXPECT_FALSE(read_came);
    EXPECT_EQ(write(ends[1], "x", 1), 1);
  });
  EXPECT_TRUE(read_came);
  close(ends[0]);
  close(ends[1]);
}

TEST_P(IoTest, AHangUpEndsTheWaitAndTheReadSaysSo) {
  run([&](Nursery& nursery) -> Task<void> {
    nursery.start("writer", [&]() -> Task<void> {
      pipe.close_write();
      co_return;
    });
    co_await readable(pipe.read_end());
    EXPECT_EQ(pipe.take(), 0);
  });
}

TEST_P(IoTest, AnErrorEndsTheWaitForRoom) {
  run([&](Nursery& nursery) -> Task<void> {
    pipe.fill();
    nursery.start("reader", [&]() -> Task<void> {
      pipe.close_read();
      co_return;
    });
    co_await writable(pipe.write_end());
  });
}

TEST_P(IoTest, RegularFilesAndNullAreAlwaysReady) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  run([&](Nursery&) -> Task<void> {
    co_await readable(fileno(file));
    co_await writable(fileno(file));
    co_await readable(null);
  });
  std::fclose(file);
  close(null);
}

TEST_P(IoTest, ABadDescriptorIsASystemErrorThatNamesIt) {
  for (const int bad : {-1, 987654}) {
    run([&](Nursery&) -> Task<void> {
      std::string message;
      try {
        co_await readable(bad);
      } catch (const SystemError& error) {
        message = error.what();
      }
      EXPECT_NE(message.find(std::to_string(bad)), std::string::npos) << message;
    });
  }
}

TEST_P(IoTest, ACancelledWaitIsWithdrawnAtOnce) {
  run([&](Nursery& nursery) -> Task<void> {
    CancelScope scope;
    nursery.start("canceller", [&]() -> Task<void> {
      EXPECT_FALSE(loop.state().watches.empty());
      scope.cancel("enough");
      EXPECT_TRUE(loop.state().watches.empty());
      EXPECT_EQ(loop.state().outside_waits, 0);
      co_return;
    });
    const bool finished = co_await scope.run(readable(pipe.read_end()));
    EXPECT_FALSE(finished);
    pipe.put('x');
    co_await readable(pipe.read_end());
    EXPECT_EQ(pipe.take(), 1) << "nothing was read by the wait that was cancelled";
  });
}

TEST_P(IoTest, AWriterOnAnotherThreadIsWaitedFor) {
  std::jthread writer([&] {
    std::this_thread::sleep_for(5ms);
    pipe.put('x');
  });
  run([&](Nursery&) -> Task<void> {
    co_await readable(pipe.read_end());
    EXPECT_EQ(pipe.take(), 1);
  });
}

TEST_P(IoTest, WaitingAllocatesNothing) {
  if (TAKT_ADDRESS_SANITIZER) {
    GTEST_SKIP() << "frames are not recycled under AddressSanitizer";
  }
  std::uint64_t allocations = 1;
  run([&](Nursery&) -> Task<void> {
    pipe.put('x');
    const testing::AllocationGuard guard;
    for (int i = 0; i < 100; ++i) {
      co_await readable(pipe.read_end());
    }
    allocations = guard.count();
  });
  EXPECT_EQ(allocations, 0U);
}

TEST(IoDeadlockTest, VirtualTimeJumpsToADeadlineWithoutWaitingForADescriptor) {
  EventLoop loop(LoopTime::kVirtual);
  const Pipe pipe;
  const auto app = [&]() -> Task<void> {
    const bool came = co_await with_timeout(1h, readable(pipe.read_end()));
    EXPECT_FALSE(came);
  };
  loop.run(app());
  EXPECT_EQ(loop.clock().now_ns(), 3600 * core::kNanosecondsPerSecond);
}

INSTANTIATE_TEST_SUITE_P(Loops, IoTest, ::testing::Values(LoopTime::kSteady, LoopTime::kVirtual),
                         [](const auto& tested) { return tested.param == LoopTime::kVirtual ? "Virtual" : "Steady"; });

}  // namespace
}  // namespace takt::async
