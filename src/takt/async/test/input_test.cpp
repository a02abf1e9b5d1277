#include "takt/async/input.hpp"

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/async/test/descriptors.hpp"
#include "takt/core/error.hpp"

namespace takt::async {
namespace {

Descriptor open_null() {
  return Descriptor(open("/dev/null", O_RDWR | O_CLOEXEC));
}

Task<std::vector<std::string>> read_all(LineReader& reader) {
  std::vector<std::string> lines;
  while (true) {
    Line line = co_await reader.read_line();
    if (!line) {
      co_return lines;
    }
    lines.push_back(std::move(*line));
  }
}

TEST(InputTest, LinesComeWithoutTheirNewlineAndTheEndIsNothing) {
  run_virtual([]() -> Task<void> {
    Pipe pipe = make_pipe();
    const Descriptor null = open_null();
    LineReader reader(pipe.out.get(), null.get());
    send(pipe.in.get(), "one\n\ntwo words\nlast without newline");
    pipe.in.reset();
    const std::vector<std::string> lines = co_await read_all(reader);
    EXPECT_EQ(lines, (std::vector<std::string>{"one", "", "two words", "last without newline"}));
    const Line after = co_await reader.read_line();
    EXPECT_FALSE(after.has_value());
  });
}

TEST(InputTest, ThePromptIsWrittenBeforeTheLineComes) {
  run_virtual([]() -> Task<void> {
    const Pipe in = make_pipe();
    const Pipe out = make_pipe();
    LineReader reader(in.out.get(), out.in.get());
    std::thread person([&] {
      EXPECT_EQ(receive(out.out.get()), "go? ");
      send(in.in.get(), "yes\n");
    });
    const Line line = co_await reader.read_line("go? ");
    person.join();
    EXPECT_EQ(line, "yes");
  });
}

TEST(InputTest, ALineMayComeInPieces) {
  run_virtual([]() -> Task<void> {
    const Pipe in = make_pipe();
    const Descriptor null = open_null();
    LineReader reader(in.out.get(), null.get());
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("typist", [&]() -> Task<void> {
        for (const char* piece : {"a", "bc", "d\ne", "f\n"}) {
          send(in.in.get(), piece);
          co_await sleep_for(1s);
        }
      });
      const Line first = co_await reader.read_line();
      const Line second = co_await reader.read_line();
      EXPECT_EQ(first, "abcd");
      EXPECT_EQ(second, "ef");
      co_return kJoin;
    });
  });
}

TEST(InputTest, FilesAndDevNullAreReadToo) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("takt_input_" + std::to_string(getpid()));
  const std::string longer_than_a_read(10000, 'x');
  std::ofstream(path) << "first\n" << longer_than_a_read << "\nend";
  run_virtual([&]() -> Task<void> {
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const Descriptor null = open_null();
    LineReader reader(file.get(), null.get());
    const std::vector<std::string> lines = co_await read_all(reader);
    EXPECT_EQ(lines, (std::vector<std::string>{"first", longer_than_a_read, "end"}));
    LineReader nothing(null.get(), null.get());
    const Line line = co_await nothing.read_line("prompt");
    EXPECT_FALSE(line.has_value());
  });
  std::filesystem::remove(path);
}

TEST(InputTest, CancellationIsAtOnceAndTheNextCallGetsTheLine) {
  run_virtual([]() -> Task<void> {
    const Pipe in = make_pipe();
    const Descriptor null = open_null();
    LineReader reader(in.out.get(), null.get());
    send(in.in.get(), "half a ");
    const auto nothing = co_await with_timeout(1s, reader.read_line());
    EXPECT_FALSE(nothing.has_value());
    EXPECT_EQ(this_loop().clock().now_ns(), 1'000'000'000);
    send(in.in.get(), "line\n");
    const Line line = co_await reader.read_line();
    EXPECT_EQ(line, "half a line");
  });
}

TEST(InputTest, CallsSideBySideAreServedInTheirOrder) {
  run_virtual([]() -> Task<void> {
    const Pipe in = make_pipe();
    const Pipe out = make_pipe();
    LineReader reader(in.out.get(), out.in.get());
    std::vector<std::string> order;
    CancelScope second;
    const auto ask = [&](std::string name) -> Task<void> {
      const Line line = co_await reader.read_line(name + "?");
      order.push_back(name + "=" + line.value_or("nothing"));
    };
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("a", ask("a"));
      nursery.start("b", [&]() -> Task<void> { static_cast<void>(co_await second.run(ask("b"))); });
      nursery.start("c", ask("c"));
      nursery.start("d", ask("d"));
      co_await yield();
      EXPECT_EQ(receive(out.out.get()), "a?");  // the others have not had their turn
      second.cancel("test");
      send(in.in.get(), "1\n2\n3\n");
      co_return kJoin;
    });
    EXPECT_EQ(order, (std::vector<std::string>{"a=1", "c=2", "d=3"}));
  });
}

TEST(InputTest, ATurnThatWasGivenToACancelledCallGoesOn) {
  run_virtual([]() -> Task<void> {
    const Pipe in = make_pipe();
    const Descriptor null = open_null();
    LineReader reader(in.out.get(), null.get());
    CancelScope first;
    CancelScope second;
    std::vector<std::string> got;
    const auto ask = [&]() -> Task<void> {
      const Line line = co_await reader.read_line();
      got.push_back(line.value_or("nothing"));
    };
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("first", [&]() -> Task<void> { static_cast<void>(co_await first.run(ask())); });
      nursery.start("second", [&]() -> Task<void> { static_cast<void>(co_await second.run(ask())); });
      nursery.start("third", ask());
      co_await yield();
      first.cancel("test");
      co_await yield();
      second.cancel("test");  // it has been given the turn by now
      send(in.in.get(), "x\n");
      co_return kJoin;
    });
    EXPECT_EQ(got, (std::vector<std::string>{"x"}));
  });
}

TEST(InputTest, ADescriptorThatIsNotOpenIsASystemError) {
  run_virtual([]() -> Task<void> {
    const Descriptor null = open_null();
    LineReader reader(1'000'000, null.get());
    bool refused = false;
    try {
      static_cast<void>(co_await reader.read_line());
    } catch (const SystemError&) {
      refused = true;
    }
    EXPECT_TRUE(refused);
  });
}

TEST(InputTest, ALineWithoutEndIsRefused) {
  run_virtual([]() -> Task<void> {
    const Descriptor zero(open("/dev/zero", O_RDONLY | O_CLOEXEC));
    const Descriptor null = open_null();
    LineReader reader(zero.get(), null.get());
    bool refused = false;
    try {
      static_cast<void>(co_await reader.read_line());
    } catch (const Error&) {
      refused = true;
    }
    EXPECT_TRUE(refused);
  });
}

/// Standard input and output replaced for a block.
class StandardStreams {
 public:
  StandardStreams(int in, int out) : in_(dup(STDIN_FILENO)), out_(dup(STDOUT_FILENO)) {
    std::fflush(stdout);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
  }
  StandardStreams(const StandardStreams&) = delete;
  StandardStreams& operator=(const StandardStreams&) = delete;
  ~StandardStreams() {
    std::fflush(stdout);
    dup2(in_.get(), STDIN_FILENO);
    dup2(out_.get(), STDOUT_FILENO);
  }

 private:
  Descriptor in_;
  Descriptor out_;
};

TEST(InputTest, AsyncInputAsksOnStandardOutputAfterWhatWasPrinted) {
  const Pipe in = make_pipe();
  const Pipe out = make_pipe();
  send(in.in.get(), "yes\nand more\n");
  Line first;
  Line second;
  {
    const StandardStreams streams(in.out.get(), out.in.get());
    std::printf("hello ");
    run_virtual([&]() -> Task<void> {
      first = co_await async_input("go? ");
      second = co_await async_input();  // what was read beyond the first line
    });
  }
  EXPECT_EQ(first, "yes");
  EXPECT_EQ(second, "and more");
  EXPECT_EQ(receive(out.out.get()), "hello go? ");
}

TEST(InputTest, AsyncInputServesTheLoopsOfOneThreadAfterAnother) {
  const Pipe in = make_pipe();
  const Descriptor null = open_null();
  send(in.in.get(), "first\nsecond\nthird\n");
  std::vector<Line> lines;
  const StandardStreams streams(in.out.get(), null.get());
  const auto ask = [&] { run_virtual([&]() -> Task<void> { lines.push_back(co_await async_input()); }); };
  ask();
  std::thread(ask).join();
  ask();
  EXPECT_EQ(lines, (std::vector<Line>{"first", "second", "third"}));
}

TEST(InputTest, ALineReaderThatWaitsIsItsThreads) {
  run_virtual([]() -> Task<void> {
    const Pipe in = make_pipe();
    const Descriptor null = open_null();
    LineReader reader(in.out.get(), null.get());
    bool refused = false;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("reader", [&]() -> Task<void> { static_cast<void>(co_await reader.read_line()); });
      co_await yield();
      std::thread([&] {
        EXPECT_THROW(EventLoop().run(reader.read_line()), LogicError);
        refused = true;
      }).join();
      co_return kCancel;
    });
    EXPECT_TRUE(refused);
  });
}

}  // namespace
}  // namespace takt::async
