#include "takt/teleop/replay/request_memory.hpp"

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"

namespace takt::teleop::replay {
namespace {

using Verdict = RequestMemory::Verdict;

std::shared_ptr<const std::string> answer(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

TEST(RequestMemoryTest, ARequestThatComesAgainIsKnown) {
  RequestMemory memory;
  EXPECT_EQ(memory.begin("desk", 1, 0).verdict, Verdict::kNew);
  EXPECT_EQ(memory.begin("desk", 1, 0).verdict, Verdict::kRunning);
  memory.finish("desk", 1, answer("done"));
  const auto known = memory.begin("desk", 1, 0);
  EXPECT_EQ(known.verdict, Verdict::kAnswered);
  EXPECT_EQ(*known.answer, "done");
  EXPECT_EQ(memory.begin("desk", 2, 0).verdict, Verdict::kNew);
  EXPECT_EQ(memory.begin("shelf", 1, 0).verdict, Verdict::kNew) << "another client's";
}

TEST(RequestMemoryTest, WhatIsOlderThanWhatIsRememberedIsNeverNew) {
  RequestMemory memory({.clients = 2, .answers = 3});
  for (std::uint64_t number = 1; number <= 5; ++number) {
    EXPECT_EQ(memory.begin("desk", number, 0).verdict, Verdict::kNew);
    memory.finish("desk", number, answer("x"));
  }
  EXPECT_EQ(memory.begin("desk", 1, 0).verdict, Verdict::kTooOld);
  EXPECT_EQ(memory.begin("desk", 2, 0).verdict, Verdict::kTooOld);
  EXPECT_EQ(memory.begin("desk", 3, 0).verdict, Verdict::kAnswered);
  EXPECT_EQ(memory.bytes(), 3);
}

TEST(RequestMemoryTest, ANumberThatComesOutOfOrderIsNewWhileItIsAboveWhatWasForgotten) {
  RequestMemory memory({.clients = 2, .answers = 3});
  EXPECT_EQ(memory.begin("desk", 2, 0).verdict, Verdict::kNew);
  EXPECT_EQ(memory.begin("desk", 1, 0).verdict, Verdict::kNew);
  EXPECT_EQ(memory.begin("desk", 1, 0).verdict, Verdict::kRunning);
}

/// Asked and answered, as by a client with several threads of which others are faster than the one that asks `but`.
void ask_all(RequestMemory& memory, std::uint64_t first, std::uint64_t last, std::uint64_t but = 0) {
  for (std::uint64_t number = first; number - first <= last - first; ++number) {
    if (number != but) {
      EXPECT_EQ(memory.begin("desk", number, 0).verdict, Verdict::kNew) << number;
      memory.finish("desk", number, answer("x"));
    }
  }
}

TEST(RequestMemoryTest, OneThatManyOthersOvertookIsNewAndOnce) {
  RequestMemory memory({.clients = 2, .answers = 3, .ranges = 2});
  ask_all(memory, 1, 500, 7);
  EXPECT_EQ(memory.begin("desk", 6, 0).verdict, Verdict::kTooOld);
  EXPECT_EQ(memory.begin("desk", 8, 0).verdict, Verdict::kTooOld);
  EXPECT_EQ(memory.begin("desk", 7, 0).verdict, Verdict::kNew);
  memory.finish("desk", 7, answer("x"));
  EXPECT_EQ(memory.begin("desk", 7, 0).verdict, Verdict::kAnswered) << "though the lowest number: it was done last";
  ask_all(memory, 501, 503);
  EXPECT_EQ(memory.begin("desk", 7, 0).verdict, Verdict::kTooOld);
}

TEST(RequestMemoryTest, ARangeTooManyAndTheOldestGapIsNotToldFromWhatWasDone) {
  RequestMemory memory({.clients = 2, .answers = 1, .ranges = 2});
  for (const std::uint64_t number : {1, 3, 5, 7}) {  // in ranges in the end: 1 to 3, and 5
    ask_all(memory, number, number);
  }
  for (const std::uint64_t number : {1, 2, 3, 5}) {
    EXPECT_EQ(memory.begin("desk", number, 0).verdict, Verdict::kTooOld) << number;
  }
  EXPECT_EQ(memory.begin("desk", 4, 0).verdict, Verdict::kNew);
}

TEST(RequestMemoryTest, AnyNumberWillDo) {
  RequestMemory memory({.clients = 2, .answers = 1, .ranges = 8});
  constexpr std::uint64_t kGreatest = std::numeric_limits<std::uint64_t>::max();
  for (const std::uint64_t number : {kGreatest - 1, kGreatest, kGreatest / 2, std::uint64_t{1}}) {
    ask_all(memory, number, number);
  }
  EXPECT_EQ(memory.begin("desk", kGreatest, 0).verdict, Verdict::kTooOld);
  EXPECT_EQ(memory.begin("desk", 1, 0).verdict, Verdict::kAnswered);
  EXPECT_EQ(memory.begin("desk", kGreatest - 1, 0).verdict, Verdict::kTooOld);
  EXPECT_EQ(memory.begin("desk", kGreatest - 2, 0).verdict, Verdict::kNew);
}

constexpr core::Nanoseconds kSecond = core::kNanosecondsPerSecond;

TEST(RequestMemoryTest, TheClientHeardLeastRecentlyIsForgottenFirst) {
  RequestMemory memory({.clients = 2, .keep_s = 0.0, .answers = 3});
  for (const char* client : {"a", "b"}) {
    EXPECT_EQ(memory.begin(client, 1, 0).verdict, Verdict::kNew);
    memory.finish(client, 1, answer("yes"));
  }
  EXPECT_EQ(memory.begin("a", 1, 0).verdict, Verdict::kAnswered);
  EXPECT_EQ(memory.begin("c", 1, 0).verdict, Verdict::kNew);
  EXPECT_EQ(memory.clients(), 2);
  EXPECT_EQ(memory.bytes(), 3);
  EXPECT_EQ(memory.begin("a", 1, 0).verdict, Verdict::kAnswered) << "it was heard after b";
}

TEST(RequestMemoryTest, AClientThatMayStillAskAgainIsNotForgottenForNewOnes) {
  RequestMemory memory({.clients = 2, .keep_s = 60.0, .answers = 3});
  for (const char* client : {"a", "b"}) {
    EXPECT_EQ(memory.begin(client, 1, kSecond).verdict, Verdict::kNew);
    memory.finish(client, 1, answer("yes"));
  }
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(memory.begin("invented-" + std::to_string(i), 1, 60 * kSecond).verdict, Verdict::kFull);
  }
  EXPECT_EQ(memory.begin("a", 1, 60 * kSecond).verdict, Verdict::kAnswered);
  EXPECT_EQ(memory.begin("c", 1, 61 * kSecond).verdict, Verdict::kNew) << "b was not heard for a minute";
  EXPECT_EQ(memory.begin("a", 1, 62 * kSecond).verdict, Verdict::kAnswered);
}

TEST(RequestMemoryTest, WhatIsBeingDoneIsNotForgottenHoweverLongItTakes) {
  RequestMemory memory({.clients = 1, .keep_s = 60.0, .answers = 1});
  EXPECT_EQ(memory.begin("a", 1, 0).verdict, Verdict::kNew);
  EXPECT_EQ(memory.begin("b", 1, 600 * kSecond).verdict, Verdict::kFull);
  EXPECT_EQ(memory.begin("a", 1, 600 * kSecond).verdict, Verdict::kRunning);
  memory.finish("a", 1, answer("done"));
  EXPECT_EQ(memory.begin("a", 1, 600 * kSecond).verdict, Verdict::kAnswered);
}

TEST(RequestMemoryTest, WhatIsBeingDoneIsNotForgottenForWhatCameAfterIt) {
  RequestMemory memory({.clients = 2, .answers = 3, .ranges = 2, .bytes = 10});
  EXPECT_EQ(memory.begin("desk", 1, 0).verdict, Verdict::kNew);
  ask_all(memory, 2, 500);
  EXPECT_EQ(memory.begin("shelf", 1, 0).verdict, Verdict::kNew);
  memory.finish("shelf", 1, answer(std::string(1000, 'x')));  // no room for answers of others
  EXPECT_EQ(memory.begin("desk", 1, 0).verdict, Verdict::kRunning);
  memory.give_up("desk", 1);
  EXPECT_EQ(memory.begin("desk", 1, 0).verdict, Verdict::kNew) << "it was not done";
}

TEST(RequestMemoryTest, AnAnswerThatNobodyAskedForIsDropped) {
  RequestMemory memory({.clients = 1, .answers = 1});
  memory.finish("a", 1, answer("what?"));
  EXPECT_EQ(memory.bytes(), 0);
  EXPECT_EQ(memory.begin("b", 1, 0).verdict, Verdict::kNew);
  memory.finish("b", 1, answer("yes"));
  memory.finish("b", 1, answer("or no"));
  EXPECT_EQ(*memory.begin("b", 1, 0).answer, "yes");
  EXPECT_EQ(memory.bytes(), 3);
}

TEST(RequestMemoryTest, ItsBytesAreBoundedAndTheNewestAnswerStays) {
  RequestMemory memory({.clients = 4, .answers = 8, .bytes = 100});
  for (const char* client : {"a", "b", "c"}) {
    for (std::uint64_t number = 1; number <= 3; ++number) {
      EXPECT_EQ(memory.begin(client, number, 0).verdict, Verdict::kNew);
      memory.finish(client, number, answer(std::string(30, 'x')));
      EXPECT_LE(memory.bytes(), 100);
    }
  }
  EXPECT_EQ(memory.begin("c", 3, 0).verdict, Verdict::kAnswered);
  EXPECT_EQ(memory.begin("a", 3, 0).verdict, Verdict::kTooOld);
  EXPECT_EQ(memory.begin("d", 1, 0).verdict, Verdict::kNew);
  memory.finish("d", 1, answer(std::string(1000, 'x')));
  EXPECT_EQ(memory.begin("d", 1, 0).verdict, Verdict::kAnswered) << "larger than all, but the newest";
  EXPECT_EQ(memory.bytes(), 1000);
}

TEST(RequestMemoryTest, ItRemembersSomething) {
  EXPECT_THROW(RequestMemory({.clients = 0}), LogicError);
  EXPECT_THROW(RequestMemory({.clients = 1, .answers = 0}), LogicError);
  EXPECT_THROW(RequestMemory({.clients = 1, .answers = 1, .ranges = 0}), LogicError);
}

TEST(RequestMemoryTest, OfManyThreadsThatAskForTheSameOneIsToldThatItIsNew) {
  RequestMemory memory;
  for (std::uint64_t number = 1; number <= 50; ++number) {
    std::atomic<int> fresh{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] { fresh += memory.begin("desk", number, 0).verdict == Verdict::kNew ? 1 : 0; });
    }
    threads.clear();
    EXPECT_EQ(fresh, 1);
  }
}

}  // namespace
}  // namespace takt::teleop::replay
