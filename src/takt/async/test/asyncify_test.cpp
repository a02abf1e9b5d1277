#include "takt/async/asyncify.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"

namespace takt::async {
namespace {

int twice(int value) {
  return 2 * value;
}

pid_t caller() {
  return gettid();
}

class Model {
 public:
  explicit Model(double gain) : gain_(gain) {}
  double apply(double value) const { return gain_ * value; }

 private:
  double gain_;
};

class Policy {
 public:
  explicit Policy(double gain) : model_(gain) {}
  double infer(double value) const { return model_.apply(value); }
  Asyncified<std::function<double(double)>> get_action{[this](double value) { return infer(value); }};

 private:
  Model model_;
};

template <class Body>
void run_virtual(Body body) {
  EventLoop loop(LoopTime::kVirtual);
  loop.run(body());
}

TEST(AsyncifyTest, AFreeFunctionRunsElsewhereAndSyncRunsHere) {
  run_virtual([]() -> Task<void> {
    const auto who = asyncify(&caller);
    const pid_t there = co_await who();
    EXPECT_NE(there, gettid());
    EXPECT_EQ(who.sync(), gettid());
    const auto doubled = asyncify(twice);
    const int value = co_await doubled(21);
    EXPECT_EQ(value, 42);
    EXPECT_EQ(doubled.sync(4), 8);
  });
}

TEST(AsyncifyTest, ALambdaWithStateKeepsIt) {
  run_virtual([]() -> Task<void> {
    auto count = asyncify([n = 0]() mutable { return ++n; });
    static_cast<void>(co_await count());
    const int second = co_await count();
    EXPECT_EQ(second, 2);
    EXPECT_EQ(count.sync(), 3);
  });
}

TEST(AsyncifyTest, APointerToMemberTakesTheObjectsAddress) {
  run_virtual([]() -> Task<void> {
    const Model model(3.0);
    const auto apply = asyncify(&Model::apply);
    const double value = co_await apply(&model, 2.0);
    EXPECT_EQ(value, 6.0);
    EXPECT_EQ(apply.sync(model, 5.0), 15.0);
  });
}

TEST(AsyncifyTest, AMemberOfAClassIsAnAwaitableMethod) {
  run_virtual([]() -> Task<void> {
    Policy policy(2.0);
    const double action = co_await policy.get_action(4.0);
    EXPECT_EQ(action, 8.0);
    EXPECT_EQ(policy.get_action.sync(1.0), 2.0);
  });
}

TEST(AsyncifyTest, ArgumentsMayBeMoveOnly) {
  run_virtual([]() -> Task<void> {
    const auto take = asyncify([](std::unique_ptr<int> value) { return value; });
    const std::unique_ptr<int> back = co_await take(std::make_unique<int>(5));
    EXPECT_EQ(*back, 5);
  });
}

TEST(AsyncifyTest, ArgumentsAreTheTasksOwn) {
  run_virtual([]() -> Task<void> {
    const auto length = asyncify([](const std::string& text) { return text.size(); });
    std::string text(100, 'x');
    Task<std::size_t> task = length(text);
    text.clear();
    const std::size_t size = co_await std::move(task);
    EXPECT_EQ(size, 100U);
    int target = 0;
    const auto set = asyncify([](int& to) { to = 3; });
    co_await set(std::ref(target));
    EXPECT_EQ(target, 3);
  });
}

TEST(AsyncifyTest, ATemporaryOneGivesItsFunctionToTheTask) {
  run_virtual([]() -> Task<void> {
    Task<std::string> task = asyncify([owned = std::string(50, 'y')] { return owned; })();
    const std::string text = co_await std::move(task);
    EXPECT_EQ(text, std::string(50, 'y'));
  });
}

TEST(AsyncifyTest, ExceptionsPassThroughBothWays) {
  run_virtual([]() -> Task<void> {
    const auto fail = asyncify([](int) -> int { throw std::out_of_range("too far"); });
    bool thrown = false;
    try {
      static_cast<void>(co_await fail(1));
    } catch (const std::out_of_range&) {
      thrown = true;
    }
    EXPECT_TRUE(thrown);
    EXPECT_THROW(fail.sync(1), std::out_of_range);
  });
}

TEST(AsyncifyTest, CallsRunSideBySide) {
  run_virtual([]() -> Task<void> {
    const auto doubled = asyncify(twice);
    int sum = 0;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      for (int i = 0; i < 20; ++i) {
        nursery.start("call", [&, i]() -> Task<void> { sum += co_await doubled(i); });
      }
      co_return kJoin;
    });
    EXPECT_EQ(sum, 380);
  });
}

}  // namespace
}  // namespace takt::async
