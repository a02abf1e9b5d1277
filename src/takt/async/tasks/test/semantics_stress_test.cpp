// Random trees of nurseries, scopes, shields and failures, seeded, on virtual time. Whatever happens: every task that
// began has ended before its parent went on, every object has been destroyed, and time and order are the same in a
// second run.

#include <cstdint>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/combine.hpp"
#include "takt/async/tasks/event.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"

namespace takt::async {
namespace {

struct World {
  explicit World(std::uint32_t seed) : random(seed) {}

  [[nodiscard]] int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random); }
  [[nodiscard]] Duration moment() { return std::chrono::milliseconds(below(20)); }
  void note(std::uint64_t what) { history = (history ^ what) * 1099511628211U; }

  std::mt19937 random;
  Event signal;
  int alive{0};
  int begun{0};
  std::uint64_t history{14695981039346656037U};
};

/// Counts the frames that hold it.
class Counted {
 public:
  explicit Counted(int& count) : count_(count) { ++count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --count_; }

 private:
  int& count_;
};

Task<void> grow(World* world, int depth);

Task<void> nursery_of(World* world, int depth) {
  int children = 0;  // of this nursery, that have begun and not ended
  const auto child = [world, depth, &children]() -> Task<void> {
    const Counted counted(children);
    co_await grow(world, depth - 1);
  };
  std::exception_ptr error;
  try {
    co_await with_nursery([world, &child](Nursery& nursery) -> Task<Join> {
      for (int i = world->below(4); i >= 0; --i) {
        nursery.start("child", child);
      }
      co_await sleep_for(world->moment());
      if (world->below(6) == 0) {
        nursery.cancel("at random");
      }
      co_return world->below(3) == 0 ? kCancel : kJoin;
    });
  } catch (...) {
    error = std::current_exception();
  }
  EXPECT_EQ(children, 0);
  if (error != nullptr) {
    std::rethrow_exception(error);
  }
}

Task<void> cleanup_of(World* world) {
  const Counted here(world->alive);
  co_await sleep_for(world->moment());
}

Task<void> step(World* world, int depth) {
  switch (world->below(9)) {
    case 0:
      co_await sleep_for(world->moment());
      break;
    case 1:
      static_cast<void>(co_await with_timeout(world->moment(), grow(world, depth - 1)));
      break;
    case 2:
      co_await nursery_of(world, depth);
      break;
    case 3:
      co_await with_cleanup(grow(world, depth - 1), std::chrono::milliseconds(5),
                            [world] { return cleanup_of(world); });
      break;
    case 4:
      static_cast<void>(co_await any_of(grow(world, depth - 1), sleep_for(world->moment()), world->signal.wait()));
      break;
    case 5:
      static_cast<void>(co_await all_of(grow(world, depth - 1), grow(world, depth - 1)));
      break;
    case 6:
      world->signal.set();
      co_await yield();
      world->signal.clear();
      break;
    case 7:
      static_cast<void>(co_await shielded(world->moment(), world->signal.wait()));
      break;
    default:
      if (world->below(12) == 0) {
        throw DeviceError("at random");
      }
      co_await checkpoint();
  }
}

Task<void> grow(World* world, int depth) {
  const Counted here(world->alive);
  ++world->begun;
  if (depth <= 0) {
    co_await sleep_for(world->moment());
    co_return;
  }
  for (int i = world->below(4); i >= 0; --i) {
    co_await step(world, depth);
    world->note(static_cast<std::uint64_t>(this_loop().clock().now_ns()));
  }
}

Task<void> signal_now_and_then(World* world) {
  while (true) {
    co_await sleep_for(std::chrono::milliseconds(50));
    world->signal.set();
    world->signal.clear();
  }
}

Task<void> app(World* world) {
  co_await with_nursery([world](Nursery& nursery) -> Task<Join> {
    nursery.start("signal", signal_now_and_then(world));
    try {
      static_cast<void>(co_await with_timeout(std::chrono::seconds(2), grow(world, 5)));
    } catch (const Error&) {  // at random: nothing to do
    }
    co_return kCancel;
  });
}

struct Trace {
  std::uint64_t history;
  core::Nanoseconds end_ns;
  int begun;
  friend bool operator==(const Trace&, const Trace&) = default;
};

Trace live(std::uint32_t seed) {
  World world(seed);
  EventLoop loop(LoopTime::kVirtual);
  loop.run(app(&world));
  EXPECT_EQ(world.alive, 0) << "seed " << seed;
  EXPECT_EQ(loop.statistics().swallowed_cancellations, 0U) << "seed " << seed;
  EXPECT_EQ(loop.clock().sleepers(), 0U) << "seed " << seed;
  return {world.history, loop.clock().now_ns(), world.begun};
}

TEST(SemanticsStressTest, NoTaskOutlivesItsParentAndARunCanBeRepeated) {
  int begun = 0;
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    const Trace first = live(seed);
    EXPECT_EQ(first, live(seed)) << "seed " << seed;
    begun += first.begun;
  }
  EXPECT_GT(begun, 3000);
}

}  // namespace
}  // namespace takt::async
