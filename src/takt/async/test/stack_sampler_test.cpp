#include "takt/async/internal/stack_sampler.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <span>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "takt/async/internal/symbolizer.hpp"
#include "takt/async/test/target_threads.hpp"
#include "takt/core/sanitizers.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

bool has_function(std::span<const std::uintptr_t> stack, const std::string& name) {
  const auto frames = Symbolizer().stack(stack);
  return std::ranges::any_of(frames,
                             [&](const StackFrame& frame) { return frame.function.find(name) != std::string::npos; });
}

std::string text_of(std::span<const std::uintptr_t> stack) {
  std::string text;
  for (const StackFrame& frame : Symbolizer().stack(stack)) {
    text += frame.text() + "\n";
  }
  return text;
}

TEST(StackSamplerTest, FindsTheFunctionThatBurnsTheCpu) {
  const Burner burner;
  StackSampler sampler(burner.id());
  const auto stack = sampler.sample(kPatience);
  ASSERT_TRUE(stack.has_value());
  if (TAKT_THREAD_SANITIZER == 0) {  // its signals come at some later place
    EXPECT_TRUE(has_function(*stack, "burn_the_cpu")) << text_of(*stack);
  }
}

TEST(StackSamplerTest, BeginsWithWhatWasInterruptedNotWithTheHandler) {
  const Burner burner;
  StackSampler sampler(burner.id());
  const auto stack = sampler.sample(kPatience);
  ASSERT_TRUE(stack.has_value());
  if (TAKT_THREAD_SANITIZER == 0) {
    const std::string text = text_of(*stack);
    EXPECT_NE(text.find("burn_the_cpu"), std::string::npos) << text;
    for (const char* const ours : {"on_signal", "StackSampler::", "restore_rt", "sigaction"}) {
      EXPECT_EQ(text.find(ours), std::string::npos) << text;
    }
  }
}

TEST(StackSamplerTest, AReadIsSeenAndGoesOnAsIfNothingHadHappened) {
  const Pipe pipe;
  ssize_t result = 0;
  char byte = 0;
  Target target([&] { result = read(pipe.ends[0], &byte, 1); });
  StackSampler sampler(target.id());
  std::string text;
  while (text.find("read") == std::string::npos) {  // it may not have got there yet
    const auto stack = sampler.sample(kPatience);
    ASSERT_TRUE(stack.has_value());
    text = text_of(*stack);
  }
  for (int again = 0; again < 100; ++again) {
    ASSERT_TRUE(sampler.sample(kPatience).has_value());
  }
  pipe.say('x');
  target.join();
  EXPECT_EQ(result, 1);  // SA_RESTART: never EINTR
  EXPECT_EQ(byte, 'x');
}

TEST(StackSamplerTest, ASleepLastsItsTime) {
  std::atomic<bool> enough{false};
  int short_sleeps = 0;
  Target target([&] {
    while (!enough) {
      const auto before = std::chrono::steady_clock::now();
      std::this_thread::sleep_for(5ms);  // goes on after EINTR
      short_sleeps += std::chrono::steady_clock::now() - before < 5ms ? 1 : 0;
    }
  });
  StackSampler sampler(target.id());
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(sampler.sample(kPatience).has_value());
  }
  enough = true;
  target.join();
  EXPECT_EQ(short_sleeps, 0);
}

TEST(StackSamplerTest, ErrnoOfTheThreadIsLeftAlone) {
  StackSampler sampler(thread_id(), [](void*) noexcept { errno = EDOM; });
  errno = ERANGE;
  const auto stack = sampler.sample(kPatience);
  const int after = errno;
  ASSERT_TRUE(stack.has_value());
  EXPECT_EQ(after, ERANGE);
}

TEST(StackSamplerTest, AThreadMaySampleItself) {
  StackSampler sampler(thread_id());
  const auto stack = sampler.sample(kPatience);
  ASSERT_TRUE(stack.has_value());
  EXPECT_TRUE(has_function(*stack, "AThreadMaySampleItself")) << text_of(*stack);
}

TEST(StackSamplerTest, TheVisitorRunsOnTheSampledThread) {
  struct Seen {
    std::atomic<std::uint32_t> thread{0};
    std::atomic<int> times{0};
  } seen;
  const Burner burner;
  StackSampler sampler(
      burner.id(),
      [](void* context) noexcept {
        auto& into = *static_cast<Seen*>(context);
        into.thread = static_cast<std::uint32_t>(::syscall(SYS_gettid));
        ++into.times;
      },
      &seen);
  ASSERT_TRUE(sampler.sample(kPatience).has_value());
  EXPECT_EQ(seen.thread, burner.id());
  EXPECT_EQ(seen.times, 1);
}

TEST(StackSamplerTest, NothingIsAllocatedOnTheSampledThread) {
  std::atomic<bool> ready{false};
  std::atomic<bool> stop{false};
  std::uint64_t allocations = 1;
  Target target([&] {
    const testing::AllocationGuard guard;
    ready = true;
    while (!stop) {
      let_the_sanitizer_deliver_signals();
    }
    allocations = guard.count();
  });
  while (!ready) {
    std::this_thread::yield();
  }
  StackSampler sampler(target.id());
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(sampler.sample(kPatience).has_value());
  }
  stop = true;
  target.join();
  EXPECT_EQ(allocations, 0U);
}

TEST(StackSamplerTest, AThousandSamplesInARow) {
  const Burner burner;
  StackSampler sampler(burner.id());
  for (int i = 0; i < 1000; ++i) {
    const auto stack = sampler.sample(kPatience);
    ASSERT_TRUE(stack.has_value()) << i;
    ASSERT_FALSE(stack->empty()) << i;
  }
}

}  // namespace
}  // namespace takt::async
