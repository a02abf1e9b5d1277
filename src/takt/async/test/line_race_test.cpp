// LineReader: pieces of lines come from another thread at random moments, and reads are cancelled at random moments,
// seeded. The lines are those that were written, each once, in their order.

#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "takt/async/input.hpp"
#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/test/random_moments.hpp"
#include "takt/async/test/descriptors.hpp"

namespace takt::async {
namespace {

constexpr int kLines = 20;

std::vector<std::string> random_lines(RandomMoments& moments) {
  std::vector<std::string> lines;
  for (int number = 0; number < kLines; ++number) {
    lines.push_back(std::to_string(number) + std::string(static_cast<std::size_t>(moments.below(30)), '.'));
  }
  return lines;
}

/// Writes the lines, cut anywhere, and closes the pipe.
void type(const std::vector<std::string>& lines, Descriptor& pipe, RandomMoments moments) {
  std::string text;
  for (const std::string& line : lines) {
    text += line + '\n';
  }
  if (moments.once_in(2)) {
    text.pop_back();  // the last line needs no newline
  }
  for (std::size_t sent = 0; sent < text.size();) {
    const std::string piece = text.substr(sent, static_cast<std::size_t>(moments.below(60)) + 1);
    send(pipe.get(), piece);
    sent += piece.size();
    moments.pass(std::chrono::microseconds(moments.once_in(3) ? 150 : 1));
  }
  pipe.reset();
}

struct Got {
  std::vector<std::string> lines;
  int timeouts{0};
};

Task<void> read_with_timeouts(LineReader* reader, RandomMoments moments, Got* got) {
  while (true) {
    CancelScope scope({.deadline_after = moments.up_to(120us)});
    const Line line = co_await scope.run(reader->read_line());
    if (line) {
      got->lines.push_back(*line);
    } else if (scope.cancel_requested()) {
      ++got->timeouts;  // or the end, when it came in the same moment: the next read says so
    } else {
      co_return;
    }
  }
}

Task<void> read_side_by_side(int descriptor, std::uint32_t seed, int readers, Got* got) {
  const Descriptor null(open("/dev/null", O_RDWR | O_CLOEXEC));
  LineReader reader(descriptor, null.get());
  co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
    for (int number = 0; number < readers; ++number) {
      nursery.start("reader", read_with_timeouts(&reader, {seed, 10U + static_cast<std::uint32_t>(number)}, got));
    }
    co_return kJoin;
  });
}

void expect_every_line_once(int readers) {
  int timeouts = 0;
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomMoments moments(seed, 0);
    const std::vector<std::string> lines = random_lines(moments);
    Pipe pipe = make_pipe();
    const std::jthread typist([&] { type(lines, pipe.in, {seed, 1}); });
    EventLoop loop;
    Got got;
    loop.run(read_side_by_side(pipe.out.get(), seed, readers, &got));
    EXPECT_EQ(got.lines, lines);
    EXPECT_EQ(loop.statistics().swallowed_cancellations, 0U);
    timeouts += got.timeouts;
  }
  EXPECT_GT(timeouts, 0);
}

TEST(LineRaceTest, NoLineIsLostOrDoubledByReadsThatAreCancelled) {
  expect_every_line_once(1);
}

TEST(LineRaceTest, NorByThoseThatTakeTurns) {
  expect_every_line_once(3);
}

}  // namespace
}  // namespace takt::async
