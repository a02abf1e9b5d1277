// What the options of an InferenceThread ask of the scheduler is what its calls run with, where the system permits it.

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "takt/async/inference_thread.hpp"
#include "takt/async/tasks/event_loop.hpp"

namespace takt::async {
namespace {

/// What `look` sees in a call on such a thread.
template <class Look>
int seen_in_a_call(InferenceThreadOptions options, Look look) {
  EventLoop loop(LoopTime::kVirtual);
  return loop.run([](InferenceThreadOptions* given, Look seen) -> Task<int> {
    InferenceThread thread(std::move(*given));
    co_await thread.start();
    co_return co_await thread.run(seen);
  }(&options, look));
}

int policy_now() {
  return sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
}
int fifo_priority_now() {
  sched_param parameters{};
  sched_getparam(0, &parameters);
  return policy_now() == SCHED_FIFO ? parameters.sched_priority : 0;
}
int nice_now() {
  return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid()));
}

/// Whether this process may do that, tried on a thread of its own.
template <class Try>
bool permitted(Try attempt) {
  bool granted = false;
  std::jthread([&] { granted = attempt() == 0; }).join();
  return granted;
}

TEST(InferenceSchedulingTest, AGrantedFifoPriorityIsSetOnItsThread) {
  constexpr int kPriority = 3;
  const auto become_fifo = [] {
    const sched_param parameters{.sched_priority = kPriority};
    return sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters);
  };
  if (!permitted(become_fifo)) {
    GTEST_SKIP() << "this user may not use SCHED_FIFO";
  }
  EXPECT_EQ(seen_in_a_call({.fifo_priority = kPriority}, fifo_priority_now), kPriority);
  EXPECT_EQ(policy_now(), SCHED_OTHER);  // the loop's thread is as it was
}

TEST(InferenceSchedulingTest, WithoutAPriorityItIsAnOrdinaryThread) {
  EXPECT_EQ(seen_in_a_call({}, policy_now), SCHED_OTHER);
}

TEST(InferenceSchedulingTest, AHigherNiceIsSetOnItsThreadAlone) {
  const int before = nice_now();
  const int wanted = std::min(before + 3, 19);
  if (wanted == before || wanted == 0) {
    GTEST_SKIP() << "this process is as nice as can be";
  }
  EXPECT_EQ(seen_in_a_call({.nice = wanted}, nice_now), wanted);
  EXPECT_EQ(nice_now(), before);
}

TEST(InferenceSchedulingTest, AGrantedLowerNiceIsSetOnItsThread) {
  const int wanted = nice_now() - 2;
  const auto hurry = [wanted] { return setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), wanted); };
  if (wanted < -20 || wanted == 0 || !permitted(hurry)) {
    GTEST_SKIP() << "this user may not lower nice";
  }
  EXPECT_EQ(seen_in_a_call({.nice = wanted}, nice_now), wanted);
}

TEST(InferenceSchedulingTest, ItRunsOnItsCpuAlone) {
  cpu_set_t ours;
  CPU_ZERO(&ours);
  ASSERT_EQ(sched_getaffinity(0, sizeof(ours), &ours), 0);
  int last = -1;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    last = CPU_ISSET(static_cast<std::size_t>(cpu), &ours) ? cpu : last;
  }
  const auto only_cpu = [] {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    sched_getaffinity(0, sizeof(cpus), &cpus);
    return CPU_COUNT(&cpus) == 1 ? sched_getcpu() : -1;
  };
  EXPECT_EQ(seen_in_a_call({.cpu = last}, only_cpu), last);
}

}  // namespace
}  // namespace takt::async
