#include <csignal>
#include <cstdint>
#include <random>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "takt/realtime/test/mailbox_fixture.hpp"

namespace takt::realtime {
namespace {

using MailboxCrashTest = MailboxTest;

/// Runs `body` in a child process, which a signal ends.
template <class Body>
pid_t in_child(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    body();
    _exit(1);
  }
  return child;
}

int signal_that_ended(pid_t child) {
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST_F(MailboxCrashTest, TwoHundredWritersKilledInTheMiddleHarmNobody) {
  std::mt19937 random(11);
  std::uniform_int_distribution<int> any_step(0, kStepsOfAStore - 1);
  std::uint64_t number = 1;
  mailbox.store(Block::of(number));
  for (int kill_number = 0; kill_number < 200; ++kill_number) {
    const int die_at = any_step(random);
    const pid_t child = in_child([&] {
      int step = 0;
      MailboxProbe::store(mailbox, Block::of(number + 1), [&] {
        if (step++ == die_at) {
          raise(SIGKILL);
        }
      });
    });
    ASSERT_GT(child, 0);
    ASSERT_EQ(signal_that_ended(child), SIGKILL);
    expect_newest(number);
    if (kill_number % 20 == 19) {  // twenty died since the last one that lived
      ASSERT_TRUE(mailbox.store(Block::of(++number)));
      expect_newest(number);
    }
  }
}

TEST_F(MailboxCrashTest, WritersKilledAtAnyMomentBesideOneThatLivesLeaveWholeValuesOnly) {
  std::mt19937 random(12);
  std::uniform_int_distribution<int> any_count(1, 200);
  std::uint64_t seen = 0;
  std::uint64_t number = 1;
  Block block;
  for (int kill_number = 0; kill_number < 50; ++kill_number) {
    const pid_t child = in_child([&] {
      for (std::uint64_t i = 1;; ++i) {
        mailbox.store(Block::of(i));
      }
    });
    ASSERT_GT(child, 0);
    const std::uint64_t enough = mailbox.version() + static_cast<std::uint64_t>(any_count(random));
    while (mailbox.version() < enough) {
      if (mailbox.try_load(block, seen)) {
        EXPECT_TRUE(block.intact());
      }
      mailbox.store(Block::of(++number));
    }
    kill(child, SIGKILL);
    ASSERT_EQ(signal_that_ended(child), SIGKILL);
    ASSERT_TRUE(mailbox.store(Block::of(++number)));
    expect_newest(number);
  }
}

}  // namespace
}  // namespace takt::realtime
