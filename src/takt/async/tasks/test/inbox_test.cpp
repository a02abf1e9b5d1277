#include "takt/async/tasks/internal/inbox.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>

namespace takt::async::internal {
namespace {

struct Note final : InboxNode {
  Note(int number, std::vector<int>& received) : id(number), into(&received) {}
  void deliver() noexcept override { into->push_back(id); }
  int id;
  std::vector<int>* into;
};

void wait_readable(int descriptor) {
  pollfd watched{.fd = descriptor, .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&watched, 1, -1), 1);
}

TEST(InboxTest, DeliversTheOldestFirst) {
  Inbox inbox;
  std::vector<int> received;
  Note a(1, received);
  Note b(2, received);
  Note c(3, received);
  EXPECT_FALSE(inbox.deliver_all());
  inbox.push(a);
  inbox.push(b);
  inbox.push(c);
  EXPECT_TRUE(inbox.deliver_all());
  EXPECT_FALSE(inbox.deliver_all());
  EXPECT_EQ(received, (std::vector{1, 2, 3}));
}

TEST(InboxTest, ANodeMayBePushedAgainWhenItIsDelivered) {
  struct Bouncer final : InboxNode {
    explicit Bouncer(Inbox& box) : inbox(box) {}
    void deliver() noexcept override {
      if (++count < 3) {
        inbox.push(*this);
      }
    }
    Inbox& inbox;
    int count{0};
  };
  Inbox inbox;
  Bouncer bouncer(inbox);
  inbox.push(bouncer);
  while (inbox.deliver_all()) {
  }
  EXPECT_EQ(bouncer.count, 3);
}

TEST(InboxTest, ALoopWithSomethingInItsInboxDoesNotSleep) {
  Inbox inbox;
  std::vector<int> received;
  Note note(1, received);
  inbox.push(note);
  EXPECT_FALSE(inbox.try_sleep());
  inbox.deliver_all();
  EXPECT_TRUE(inbox.try_sleep());
}

TEST(InboxTest, OnlyAPushThatFindsTheLoopAsleepWakesIt) {
  Inbox inbox;
  std::vector<int> received;
  Note awake(1, received);
  Note asleep(2, received);
  pollfd watched{.fd = inbox.descriptor(), .events = POLLIN, .revents = 0};
  inbox.push(awake);
  EXPECT_EQ(poll(&watched, 1, 0), 0);
  inbox.deliver_all();
  ASSERT_TRUE(inbox.try_sleep());
  inbox.push(asleep);
  EXPECT_EQ(poll(&watched, 1, 0), 1);
  inbox.deliver_all();
  EXPECT_EQ(received, (std::vector{1, 2}));
}

TEST(InboxTest, ALoopThatWokeForSomethingElseFindsNothing) {
  Inbox inbox;
  ASSERT_TRUE(inbox.try_sleep());
  EXPECT_FALSE(inbox.deliver_all());
  ASSERT_TRUE(inbox.try_sleep());
}

TEST(InboxTest, NothingIsLostBetweenFourThreadsAndALoopThatSleeps) {
  constexpr int kThreads = 4;
  constexpr int kEach = 5000;
  Inbox inbox;
  std::vector<int> received;
  std::vector<std::vector<std::unique_ptr<Note>>> notes(kThreads);
  for (int thread = 0; thread < kThreads; ++thread) {
    for (int i = 0; i < kEach; ++i) {
      notes[static_cast<std::size_t>(thread)].push_back(std::make_unique<Note>(thread * kEach + i, received));
    }
  }
  std::vector<std::jthread> pushers;
  pushers.reserve(kThreads);
  for (auto& mine : notes) {
    pushers.emplace_back([&inbox, &mine] {
      for (const auto& note : mine) {
        inbox.push(*note);
      }
    });
  }
  while (received.size() < kThreads * kEach) {
    if (!inbox.deliver_all() && inbox.try_sleep()) {
      wait_readable(inbox.descriptor());  // never read: returns at once after the first wake-up, which is harmless
    }
  }
  std::vector<int> last(kThreads, -1);
  for (const int id : received) {
    int& previous = last[static_cast<std::size_t>(id / kEach)];
    EXPECT_GT(id % kEach, previous) << "of one thread, in order";
    previous = id % kEach;
  }
  EXPECT_EQ(last, std::vector<int>(kThreads, kEach - 1));
}

}  // namespace
}  // namespace takt::async::internal
