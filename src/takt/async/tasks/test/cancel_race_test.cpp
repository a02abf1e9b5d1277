// EventLoop::cancel and Doorbell::ring from other threads at random moments, seeded, on real time: against tasks that
// begin and end, sleep, shield themselves, open nurseries, start siblings and cancel them.

#include <array>
#include <atomic>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

#include "takt/async/tasks/doorbell.hpp"
#include "takt/async/tasks/event.hpp"
#include "takt/async/tasks/test/primitives.hpp"
#include "takt/async/tasks/test/random_moments.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

// `catch (const std::exception&)` must not meet it.
static_assert(!std::is_base_of_v<std::exception, Cancelled>);
static_assert(!std::is_convertible_v<Cancelled*, std::exception*>);

/// Held by each task of a family, begun or not: its use_count tells how many there are.
using Member = std::shared_ptr<const int>;

struct World {
  explicit World(std::uint32_t seed) : moments(seed, 0) {}

  [[nodiscard]] Doorbell& a_bell() { return moments.once_in(2) ? left : right; }

  RandomMoments moments;
  Doorbell left{"left"};
  Doorbell right{"right"};
  int shields_begun{0};
  int shields_ended{0};
  int left_behind{0};  // members of a family that were there after its nursery
};

enum class Story { kRace, kOnlyTheCancellationEndsIt, kTheCancellationComesTooLate };

/// Two threads that ring for as long as it lives; where nothing but the cancellation ends the run, they fall silent
/// some time, and nothing but the cancellation wakes the loop.
class Ringers {
 public:
  Ringers(World& world, std::uint32_t seed, Story story)
      : threads_{ringing(world.left, RandomMoments(seed, 1), story),
                 ringing(world.right, RandomMoments(seed, 2), story)} {}

 private:
  static std::jthread ringing(Doorbell& bell, RandomMoments moments, Story story) {
    const int rings = story == Story::kOnlyTheCancellationEndsIt ? moments.below(25) : -1;
    return std::jthread([&bell, moments, rings](const std::stop_token& stop) mutable {
      for (int rung = 0; rung != rings && !stop.stop_requested(); ++rung) {
        bell.ring();
        moments.pass(120us);
      }
    });
  }

  std::array<std::jthread, 2> threads_;
};

Task<void> family(World* world, int depth);

Task<void> sleep_for_a_moment(World* world) {
  co_await sleep_for(world->moments.up_to(100us));
}

Task<void> shielded_section(World* world) {
  ++world->shields_begun;
  if (co_await shielded(1h, sleep_for(world->moments.up_to(50us)))) {
    ++world->shields_ended;
  }
}

Task<void> act(World* world, [[maybe_unused]] Member member, int depth) {
  for (int steps = world->moments.below(3); steps >= 0; --steps) {
    switch (world->moments.below(depth > 0 ? 6 : 5)) {
      case 0:
        co_await sleep_for(world->moments.up_to(100us));
        break;
      case 1:
        co_await yield();
        break;
      case 2:
        co_await shielded_section(world);
        break;
      case 3:
        static_cast<void>(co_await with_timeout(world->moments.up_to(100us), world->a_bell().wait()));
        break;
      case 4:
        co_await with_cleanup(sleep_for_a_moment(world), 1h, [world] { return shielded_section(world); });
        break;
      default:
        co_await family(world, depth - 1);
    }
  }
}

// Each ring starts a child, or cancels them all.
Task<Join> start_by_bells(World* world, Nursery nursery, const Member* member, int depth) {
  for (int rings = world->moments.below(3); rings >= 0; --rings) {
    co_await world->a_bell();
    nursery.start("child", act(world, *member, depth));
    if (world->moments.once_in(10)) {
      nursery.cancel("a bell");
    }
  }
  co_return world->moments.once_in(3) ? kCancel : kJoin;
}

Task<void> family(World* world, int depth) {
  const Member member = std::make_shared<int>(0);
  std::exception_ptr error;
  try {
    co_await with_nursery([&](Nursery& nursery) { return start_by_bells(world, nursery, &member, depth); });
  } catch (...) {
    error = std::current_exception();
  }
  world->left_behind += static_cast<int>(member.use_count()) - 1;
  if (error != nullptr) {
    std::rethrow_exception(error);
  }
}

struct Seen {
  int shields_unfinished{0};
  int left_behind{0};
};

Task<int> app(std::uint32_t seed, Story story, Seen* seen) {
  struct Report {
    World* world;
    Seen* seen;
    ~Report() { *seen = {world->shields_begun - world->shields_ended, world->left_behind}; }
  };
  World world(seed);
  const Report report{&world, seen};
  const Ringers ringers(world, seed, story);
  do {
    co_await family(&world, 2);
  } while (story == Story::kOnlyTheCancellationEndsIt || world.moments.once_in(2));
  co_return 7;
}

/// One life of a loop. True: it was cancelled.
bool live(std::uint32_t seed, Story story) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  EventLoop loop;
  Seen seen;
  std::atomic<bool> over{false};
  std::jthread canceller([&] {
    if (story == Story::kTheCancellationComesTooLate) {
      over.wait(false);
    }
    RandomMoments(seed, 3).pass(1500us);
    loop.cancel("from another thread");
  });
  int cancellations = 0;
  const auto run = [&](Task<int> root) {
    try {
      EXPECT_EQ(loop.run(std::move(root)), 7);
    } catch (const Cancelled&) {
      ++cancellations;
    }
  };
  run(app(seed, story, &seen));
  const bool cancelled = cancellations == 1;
  over = true;
  over.notify_one();
  canceller.join();
  // A cancellation that came too late is for the next run; none is for two.
  run([]() -> Task<int> { co_return 7; }());
  run([]() -> Task<int> { co_return 7; }());
  EXPECT_LE(cancellations, 1);
  EXPECT_EQ(seen.shields_unfinished, 0);
  EXPECT_EQ(seen.left_behind, 0);
  EXPECT_TRUE(loop.tasks().empty());
  EXPECT_EQ(loop.clock().sleepers(), 0U);
  EXPECT_EQ(loop.statistics().swallowed_cancellations, 0U) << loop.statistics().last_swallower;
  return cancelled;
}

TEST(CancelRaceTest, ARunEndsWithItsValueOrCancelledAndLeavesNothing) {
  for (std::uint32_t seed = 1; seed <= 150; ++seed) {
    live(seed, Story::kRace);
  }
}

TEST(CancelRaceTest, ACancellationFromAnotherThreadEndsWhatWouldNotEnd) {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    EXPECT_TRUE(live(seed, Story::kOnlyTheCancellationEndsIt));
  }
}

TEST(CancelRaceTest, ACancellationAfterTheEndIsForTheNextRun) {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    EXPECT_FALSE(live(seed, Story::kTheCancellationComesTooLate));
  }
}

// One ring, and a timeout that may come first: whoever waits next gets it. A lost one would be waited for for ever.
TEST(CancelRaceTest, ARingIsNotLostInAWaitThatIsCancelledMeanwhile) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    EventLoop loop;
    loop.run([](std::uint32_t chance) -> Task<void> {
      RandomMoments moments(chance, 0);
      Doorbell bell("once");
      const std::jthread ringer([&bell, chance] {
        RandomMoments(chance, 1).pass(100us);
        bell.ring();
      });
      const bool in_time = co_await with_timeout(moments.up_to(100us), bell.wait());
      if (!in_time) {
        co_await bell;
      }
      EXPECT_FALSE(co_await with_timeout(0s, bell.wait()));  // and it comes once
    }(seed));
  }
}

/// A nursery in a scope, whose child and a canceller of the scope are woken by one event, in the order of their names.
std::string woken_together(bool child_first, bool child_goes_on) {
  std::string log;
  Event go("go");
  CancelScope outer;
  const auto child = [&]() -> Task<void> {
    co_await go;
    log += "child ";
    if (child_goes_on) {
      co_await sleep_for(1s);
      log += "went on ";
    }
  };
  const auto opener = [&]() -> Task<void> {
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      co_await sleep_for(child_first ? 1s : 3s);
      nursery.start("child", child);
      co_return kJoin;
    });
    log += "joined ";
    co_await checkpoint();
    log += "never";
  };
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("opener", [&]() -> Task<void> {
      const bool finished = co_await outer.run(opener());
      log += finished ? "finished" : "cancelled";
    });
    nursery.start("canceller", [&]() -> Task<void> {
      co_await sleep_for(2s);
      co_await go;
      log += "cancel ";
      outer.cancel("with the child's end");
    });
    co_await sleep_for(4s);
    go.set();
    co_return kJoin;
  });
  return log;
}

TEST(CancelRaceTest, TheLastChildsEndAndThenACancellationInOneTurn) {
  EXPECT_EQ(woken_together(true, false), "child cancel joined cancelled");
}

TEST(CancelRaceTest, ACancellationAndThenTheLastChildsEndInOneTurn) {
  EXPECT_EQ(woken_together(false, false), "cancel child joined cancelled");
}

TEST(CancelRaceTest, ACancellationAndThenAChildThatHasNotEnded) {
  EXPECT_EQ(woken_together(false, true), "cancel child cancelled");
  EXPECT_EQ(woken_together(true, true), "child cancel cancelled");
}

}  // namespace
}  // namespace takt::async
