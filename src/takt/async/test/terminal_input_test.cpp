#include <cstring>
#include <optional>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include "takt/async/input.hpp"
#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/async/test/descriptors.hpp"

namespace takt::async {
namespace {

/// A terminal: the test is the person at the master's side.
struct Terminal {
  Descriptor master;
  Descriptor slave;
};

std::optional<Terminal> open_terminal() {
  int master = -1;
  int slave = -1;
  if (openpty(&master, &slave, nullptr, nullptr, nullptr) != 0) {
    return std::nullopt;  // a root without /dev/pts
  }
  return Terminal{Descriptor(master), Descriptor(slave)};
}

/// What others who share the terminal would notice.
struct TerminalSettings {
  explicit TerminalSettings(int descriptor) : flags(fcntl(descriptor, F_GETFL)) {
    EXPECT_EQ(tcgetattr(descriptor, &attributes), 0);
  }
  friend bool operator==(const TerminalSettings& a, const TerminalSettings& b) {
    return a.flags == b.flags && a.attributes.c_iflag == b.attributes.c_iflag &&
           a.attributes.c_oflag == b.attributes.c_oflag && a.attributes.c_cflag == b.attributes.c_cflag &&
           a.attributes.c_lflag == b.attributes.c_lflag &&
           std::memcmp(a.attributes.c_cc, b.attributes.c_cc, sizeof(a.attributes.c_cc)) == 0;
  }
  int flags;
  termios attributes{};
};

class TerminalInputTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (auto terminal = open_terminal()) {
      opened.emplace(std::move(*terminal));
    } else {
      GTEST_SKIP() << "no pseudo terminals here";
    }
  }
  std::optional<Terminal> opened;
};

TEST_F(TerminalInputTest, ATerminalIsLeftAsItWas) {
  run_virtual([&]() -> Task<void> {
    const Terminal& terminal = *opened;
    const TerminalSettings before(terminal.slave.get());
    LineReader reader(terminal.slave.get(), terminal.slave.get());
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("person", [&]() -> Task<void> {
        co_await sleep_for(1s);
        EXPECT_EQ(TerminalSettings(terminal.slave.get()), before);  // while it waits, too
        EXPECT_EQ(receive(terminal.master.get()), "go? ");
        send(terminal.master.get(), "yes\n");
      });
      const Line line = co_await reader.read_line("go? ");
      EXPECT_EQ(line, "yes");
      co_return kJoin;
    });
    EXPECT_EQ(TerminalSettings(terminal.slave.get()), before);
    EXPECT_EQ(before.flags & O_NONBLOCK, 0);
  });
}

TEST_F(TerminalInputTest, WhatWasTypedDuringACancelledCallIsTheNextCallsLine) {
  run_virtual([&]() -> Task<void> {
    const Terminal& terminal = *opened;
    const TerminalSettings before(terminal.slave.get());
    LineReader reader(terminal.slave.get(), terminal.slave.get());
    send(terminal.master.get(), "half");  // no newline yet: the terminal keeps it
    const auto nothing = co_await with_timeout(1s, reader.read_line());
    EXPECT_FALSE(nothing.has_value());
    EXPECT_EQ(TerminalSettings(terminal.slave.get()), before);
    send(terminal.master.get(), " and half\n");
    const Line line = co_await reader.read_line();
    EXPECT_EQ(line, "half and half");
  });
}

TEST_F(TerminalInputTest, ControlDIsTheEndOnceAndTheNextCallReadsOn) {
  run_virtual([&]() -> Task<void> {
    const Terminal& terminal = *opened;
    LineReader reader(terminal.slave.get(), terminal.slave.get());
    send(terminal.master.get(), "\x04");
    const Line end = co_await reader.read_line();
    EXPECT_FALSE(end.has_value());
    send(terminal.master.get(), "more\n");
    const Line more = co_await reader.read_line();
    EXPECT_EQ(more, "more");
  });
}

}  // namespace
}  // namespace takt::async
