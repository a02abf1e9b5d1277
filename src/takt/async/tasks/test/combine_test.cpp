#include "takt/async/tasks/combine.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

class CombineTest : public testing::Test {
 protected:
  template <class F>
  auto run(F app) {
    return loop.run(app());
  }
  [[nodiscard]] core::Nanoseconds now() { return loop.clock().now_ns(); }

  EventLoop loop{LoopTime::kVirtual};
};

template <class T>
Task<T> after(Duration duration, T value) {
  co_await sleep_for(duration);
  co_return value;
}

Task<int> fails_after(Duration duration) {
  co_await sleep_for(duration);
  throw DeviceError("no answer");
}

TEST_F(CombineTest, AllOfGivesAllResultsAtTheTimeOfTheLast) {
  run([&]() -> Task<void> {
    const auto all = co_await all_of(after(2s, 1), after(1s, std::string("two")), sleep_for(3s));
    EXPECT_EQ(std::get<0>(all), 1);
    EXPECT_EQ(std::get<1>(all), "two");
    EXPECT_EQ(now(), 3'000'000'000);
  });
}

TEST_F(CombineTest, AllOfMovesItsResults) {
  run([&]() -> Task<void> {
    const auto make = [](int value) -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(value); };
    const auto both = co_await all_of(make(1), make(2));
    EXPECT_EQ(*std::get<0>(both) + *std::get<1>(both), 3);
  });
}

TEST_F(CombineTest, AFailureInAllOfCancelsTheOthersAndIsNamed) {
  run([&]() -> Task<void> {
    std::string what;
    try {
      static_cast<void>(co_await all_of(after(1h, 1), fails_after(1s)));
    } catch (const ExceptionGroup& group) {
      what = group.what();
    }
    EXPECT_EQ(what, "a task failed: all_of[1]: takt::DeviceError: no answer");
    EXPECT_EQ(now(), 1'000'000'000);
  });
}

TEST_F(CombineTest, AllOfIsCancelledAsAWhole) {
  run([&]() -> Task<void> {
    EXPECT_EQ(co_await with_timeout(1s, all_of(after(1h, 1), after(1ms, 2))), std::nullopt);
    EXPECT_EQ(now(), 1'000'000'000);
  });
}

TEST_F(CombineTest, AnyOfGivesTheFirstAndCancelsTheOthers) {
  run([&]() -> Task<void> {
    const auto first = co_await any_of(after(1h, 1), after(1s, std::string("quick")), sleep_for(2s));
    EXPECT_EQ(std::get<0>(first), std::nullopt);
    EXPECT_EQ(std::get<1>(first), "quick");
    EXPECT_FALSE(std::get<2>(first).has_value());
    EXPECT_EQ(now(), 1'000'000'000);
  });
}

TEST_F(CombineTest, AnyOfLosesNoResultThatWasThereAtTheSameMoment) {
  run([&]() -> Task<void> {
    Event event;
    const auto first = co_await any_of(event.wait(), event.wait(), [&]() -> Task<void> {
      co_await sleep_for(1s);
      event.set();
      co_await sleep_for(1s);
    }());
    EXPECT_TRUE(std::get<0>(first).has_value());
    EXPECT_TRUE(std::get<1>(first).has_value());
    EXPECT_FALSE(std::get<2>(first).has_value());
  });
}

TEST_F(CombineTest, AnyOfTakesNestedTimeoutsApart) {
  run([&]() -> Task<void> {
    const auto inner = any_of(sleep_for(5s), sleep_for(6s));
    const auto outer = co_await any_of(sleep_for(1s), any_of(sleep_for(5s), sleep_for(6s)));
    EXPECT_TRUE(std::get<0>(outer).has_value());
    EXPECT_FALSE(std::get<1>(outer).has_value());
    EXPECT_TRUE(inner.valid());
  });
}

TEST_F(CombineTest, AnyOfIsCancelledAsAWhole) {
  run([&]() -> Task<void> { EXPECT_EQ(co_await with_timeout(1s, any_of(after(1h, 1), after(2h, 2))), std::nullopt); });
}

TEST_F(CombineTest, AsManyAsThereAre) {
  run([&]() -> Task<void> {
    std::vector<Task<int>> tasks;
    for (int i = 0; i < 20; ++i) {
      tasks.push_back(after(std::chrono::seconds(20 - i), i));
    }
    const std::vector<int> all = co_await all_of(std::move(tasks));
    EXPECT_EQ(all.size(), 20U);
    EXPECT_EQ(all[7], 7);
    EXPECT_EQ(now(), 20'000'000'000);
    std::vector<Task<int>> racers;
    racers.push_back(after(2s, 0));
    racers.push_back(after(1s, 1));
    const auto first = co_await any_of(std::move(racers));
    EXPECT_EQ(first[0], std::nullopt);
    EXPECT_EQ(first[1], 1);
    EXPECT_TRUE((co_await any_of(std::vector<Task<int>>())).empty());
  });
}

}  // namespace
}  // namespace takt::async
