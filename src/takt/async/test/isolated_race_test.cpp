// An isolated call's answer against its cancellation, its deadline, the death of the child and the end of the loop, at
// random moments, seeded. Each answer is to its question, each error one of those that are documented, and nothing is
// left: no process, no zombie, no descriptor.

#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "takt/async/isolate.hpp"
#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/async/tasks/test/random_moments.hpp"
#include "takt/async/test/isolate_helpers.hpp"

namespace takt::async {

using namespace std::chrono_literals;

class Echo {
 public:
  int answer(int question, int work_us) {
    usleep(static_cast<useconds_t>(work_us));
    return question;
  }
};

namespace {

/// What else happens to the calls.
enum class Threat { kNone, kKill, kDeadlines, kShortGrace, kLoopCancel };

enum class Fate { kCrashed, kHung };

struct Scene {
  EventLoop* loop;
  std::uint32_t seed;
  Threat threat;
  std::optional<Fate> fate{};
  int answers{0};
  int timeouts{0};
  core::FileDescriptor watched{};
};

void meet(Scene* scene, Fate fate) {
  EXPECT_EQ(scene->fate.value_or(fate), fate) << "every later call throws the same";
  scene->fate = fate;
}

Task<void> ask(Scene* scene, Isolated<Echo>* echo, int number, RandomMoments moments) {
  for (int turn = 0; turn < 6; ++turn) {
    const int question = 100 * number + turn;
    const bool hurry = scene->threat == Threat::kDeadlines && moments.once_in(3);
    const CallOptions options{hurry ? std::optional<Duration>(moments.up_to(1000us)) : std::nullopt};
    const Duration patience = moments.once_in(2) ? moments.up_to(600us) : Duration(kPatience);
    try {
      const auto answer = co_await with_timeout(
          patience, echo->call<&Echo::answer>(options, question, moments.once_in(2) ? moments.below(200) : 0));
      EXPECT_EQ(answer.value_or(question), question);
      EXPECT_FALSE(answer && scene->fate) << "an answer of a child that is dead";
      ++(answer ? scene->answers : scene->timeouts);
    } catch (const ChildCrashed& error) {
      EXPECT_EQ(error.signal(), SIGKILL);
      meet(scene, Fate::kCrashed);
    } catch (const ChildHung&) {
      meet(scene, Fate::kHung);
    }
  }
}

Task<void> say_goodbye(Scene* scene, Isolated<Echo>* echo) {
  try {
    co_await echo->stop();
    EXPECT_EQ(scene->fate, std::nullopt) << "a dead child cannot be stopped";
  } catch (const ChildCrashed&) {
    meet(scene, Fate::kCrashed);
  } catch (const ChildHung&) {
    meet(scene, Fate::kHung);
  }
}

/// Strikes once, at a random moment.
void strike(EventLoop* loop, std::uint32_t seed, Threat threat, int process) {
  RandomMoments(seed, 1).pass(2500us);
  if (threat == Threat::kKill) {
    syscall(SYS_pidfd_send_signal, process, SIGKILL, nullptr, 0);
  } else if (threat == Threat::kLoopCancel) {
    loop->cancel("at random");
  }
}

Task<void> play(Scene* scene) {
  const auto grace = scene->threat == Threat::kShortGrace ? Duration(50us) : Duration(kPatience);
  const auto make_echo = [] { return Echo(); };
  auto echo = co_await isolate({.grace = grace, .max_message_bytes = 4096}, make_echo);
  scene->watched = watch_process(echo.process());
  const std::jthread striker(strike, scene->loop, scene->seed, scene->threat, scene->watched.get());
  co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
    for (int number = 0; number < 4; ++number) {
      nursery.start("ask", ask(scene, &echo, number, {scene->seed, 10U + static_cast<std::uint32_t>(number)}));
    }
    co_return kJoin;
  });
  if (scene->seed % 2 == 0) {
    co_await say_goodbye(scene, &echo);
  }
}

/// Waits until the process is gone: ended and reaped.
bool is_reaped(const core::FileDescriptor& watched) {
  const auto end_of_patience = std::chrono::steady_clock::now() + kPatience;
  while (syscall(SYS_pidfd_send_signal, watched.get(), 0, nullptr, 0) == 0 || errno != ESRCH) {
    if (std::chrono::steady_clock::now() > end_of_patience) {
      return false;
    }
    std::this_thread::sleep_for(100us);
  }
  return true;
}

Scene perform(std::uint32_t seed, Threat threat) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  const std::vector<int> before = open_descriptors();
  std::optional<EventLoop> loop(std::in_place);
  Scene scene{.loop = &*loop, .seed = seed, .threat = threat};
  try {
    loop->run(play(&scene));
  } catch (const Cancelled&) {
    EXPECT_EQ(threat, Threat::kLoopCancel);
  }
  EXPECT_EQ(loop->statistics().swallowed_cancellations, 0U) << loop->statistics().last_swallower;
  EXPECT_EQ(loop->clock().sleepers(), 0U);
  loop.reset();
  EXPECT_TRUE(is_reaped(scene.watched)) << "a process is left";
  scene.watched = {};
  EXPECT_EQ(open_descriptors(), before);
  return scene;
}

struct Totals {
  int answers{0};
  int timeouts{0};
  int crashed{0};
  int hung{0};
};

Totals perform_all(Threat threat) {
  Totals totals;
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    const Scene scene = perform(seed, threat);
    totals.answers += scene.answers;
    totals.timeouts += scene.timeouts;
    totals.crashed += scene.fate == Fate::kCrashed ? 1 : 0;
    totals.hung += scene.fate == Fate::kHung ? 1 : 0;
  }
  EXPECT_GT(totals.answers, 0);
  EXPECT_GT(totals.timeouts, 0);
  return totals;
}

TEST(IsolatedRaceTest, AnswersAndCancellations) {
  const Totals totals = perform_all(Threat::kNone);
  EXPECT_EQ(totals.crashed, 0);
  EXPECT_EQ(totals.hung, 0);
}

TEST(IsolatedRaceTest, AnswersCancellationsAndTheChildsDeath) {
  const Totals totals = perform_all(Threat::kKill);
  EXPECT_GT(totals.crashed, 0);
  EXPECT_EQ(totals.hung, 0);
}

TEST(IsolatedRaceTest, AnswersCancellationsAndDeadlines) {
  const Totals totals = perform_all(Threat::kDeadlines);
  EXPECT_EQ(totals.crashed, 0);
  EXPECT_GT(totals.hung, 0);
}

TEST(IsolatedRaceTest, AnswersAndCancellationsOfLittleGrace) {
  const Totals totals = perform_all(Threat::kShortGrace);
  EXPECT_EQ(totals.crashed, 0);
  EXPECT_GT(totals.hung, 0);
}

TEST(IsolatedRaceTest, AnswersAndTheCancellationOfEverything) {
  const Totals totals = perform_all(Threat::kLoopCancel);
  EXPECT_EQ(totals.crashed, 0);
  EXPECT_EQ(totals.hung, 0);
}

}  // namespace
}  // namespace takt::async
