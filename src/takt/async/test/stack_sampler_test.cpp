#include "takt/async/stack_sampler.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "takt/async/symbolizer.hpp"
#include "takt/core/error.hpp"
#include "takt/core/sanitizers.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::async {

std::atomic<bool> g_burning{false};
std::atomic<bool> g_burn{false};

/// ThreadSanitizer keeps a signal until the thread calls something that it knows.
void let_the_sanitizer_deliver_signals() {
  if (TAKT_THREAD_SANITIZER != 0) {
    usleep(1);
  }
}

[[gnu::noinline]] void burn_the_cpu() {
  g_burning = true;
  while (g_burn.load(std::memory_order_relaxed)) {
    let_the_sanitizer_deliver_signals();
  }
  g_burning = false;
}

namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 60s;  // a test fails by it only where no answer comes at all
constexpr auto kShort = 20ms;    // where none is expected

std::uint32_t thread_id() {
  return static_cast<std::uint32_t>(::syscall(SYS_gettid));
}

/// A thread with a body, and its Linux id.
class Target {
 public:
  explicit Target(std::function<void()> body)
      : thread_([this, body = std::move(body)] {
          id_ = thread_id();
          id_.notify_one();
          body();
        }) {
    id_.wait(0);
  }
  ~Target() { join(); }
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  [[nodiscard]] std::uint32_t id() const { return id_; }
  void join() {
    if (thread_.joinable()) {
      thread_.join();
    }
  }

 private:
  std::atomic<std::uint32_t> id_{0};
  std::thread thread_;
};

/// A target that burns the CPU until the end of the test.
class Burner {
 public:
  Burner() : target_((g_burn = true, [] { burn_the_cpu(); })) {
    while (!g_burning) {
      std::this_thread::yield();
    }
  }
  ~Burner() { g_burn = false; }
  Burner(const Burner&) = delete;
  Burner& operator=(const Burner&) = delete;

  [[nodiscard]] std::uint32_t id() const { return target_.id(); }

 private:
  Target target_;
};

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() { EXPECT_EQ(pipe(ends.data()), 0); }
  ~Pipe() {
    close(ends[0]);
    close(ends[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void say(char byte) const { EXPECT_EQ(write(ends[1], &byte, 1), 1); }
};

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
    const std::string first = Symbolizer().stack(*stack).front().function;
    EXPECT_TRUE(first.starts_with("takt::async::burn_the_cpu") || first.find("atomic") != std::string::npos) << first;
    EXPECT_FALSE(has_function(*stack, "on_signal")) << text_of(*stack);
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

TEST(StackSamplerTest, ManySamplersOfOneThreadAtOnce) {
  const Burner burner;
  std::atomic<int> answers{0};
  {
    std::vector<std::unique_ptr<Target>> watchers;
    for (int i = 0; i < 4; ++i) {
      watchers.push_back(std::make_unique<Target>([&] {
        StackSampler sampler(burner.id());
        for (int sample = 0; sample < 100; ++sample) {
          answers += sampler.sample(kPatience).has_value() ? 1 : 0;
        }
      }));
    }
  }
  EXPECT_EQ(answers, 400);
}

TEST(StackSamplerTest, AThreadThatHasEndedIsSaidToHaveEnded) {
  Target target([] {});
  StackSampler sampler(target.id());
  target.join();
  auto result = sampler.sample(kShort);
  while (result.has_value() || result.error() != NoSample::kThreadEnded) {  // joined is a moment before gone
    result = sampler.sample(kShort);
  }
  EXPECT_EQ(sampler.sample(kShort).error(), NoSample::kThreadEnded);
}

/// Blocks the signal until told otherwise: what a late signal is.
TEST(StackSamplerTest, ASignalThatComesTooLateDoesNothing) {
  const Pipe unblock;
  const Pipe end;
  std::atomic<bool> blocked{false};
  std::atomic<bool> delivered{false};
  std::atomic<int> visits{0};
  Target target([&] {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, StackSampler::signal());
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    blocked = true;
    char byte = 0;
    EXPECT_EQ(read(unblock.ends[0], &byte, 1), 1);
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);  // what is pending comes now
    delivered = true;
    EXPECT_EQ(read(end.ends[0], &byte, 1), 1);
  });
  while (!blocked) {
    std::this_thread::yield();
  }
  const auto count = [](void* context) noexcept { ++*static_cast<std::atomic<int>*>(context); };
  {
    StackSampler gone(target.id(), count, &visits);
    EXPECT_EQ(gone.sample(kShort).error(), NoSample::kNoAnswer);
  }
  StackSampler sampler(target.id(), count, &visits);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(sampler.sample(1ms).error(), NoSample::kNoAnswer);
  }
  unblock.say('u');
  while (!delivered) {
    std::this_thread::yield();
  }
  EXPECT_EQ(visits, 0);
  EXPECT_TRUE(sampler.sample(kPatience).has_value());  // and it is as good as new
  EXPECT_EQ(visits, 1);
  end.say('e');
}

/// Requests are given up while they are being answered: under ThreadSanitizer, the proof of the handshake.
TEST(StackSamplerTest, GivingUpRacesWithAnsweringAndNeitherIsHurt) {
  const Burner burner;
  int visits = 0;  // not atomic: whoever answers happens before sample() returns
  int answers = 0;
  {
    StackSampler sampler(burner.id(), [](void* context) noexcept { ++*static_cast<int*>(context); }, &visits);
    for (int i = 0; i < 2000; ++i) {
      answers += sampler.sample(std::chrono::microseconds(i % 50)).has_value() ? 1 : 0;
    }
  }
  EXPECT_EQ(visits, answers);
}

TEST(StackSamplerTest, MoreSamplersThanThereIsRoomForAreRefused) {
  std::vector<std::unique_ptr<StackSampler>> samplers;
  for (std::size_t i = 0; i < StackSampler::kMaxSamplers; ++i) {
    samplers.push_back(std::make_unique<StackSampler>(thread_id()));
  }
  EXPECT_THROW(StackSampler{thread_id()}, LogicError);
  samplers.pop_back();
  EXPECT_TRUE(StackSampler(thread_id()).sample(kPatience).has_value());
}

TEST(StackSamplerTest, SignalsThatAreNotOursAreIgnored) {
  std::atomic<int> visits{0};
  const StackSampler sampler(
      thread_id(), [](void* context) noexcept { ++*static_cast<std::atomic<int>*>(context); }, &visits);
  ASSERT_EQ(raise(StackSampler::signal()), 0);
  sigval value{};
  value.sival_int = -1;
  ASSERT_EQ(pthread_sigqueue(pthread_self(), StackSampler::signal(), value), 0);
  EXPECT_EQ(visits, 0);
}

}  // namespace
}  // namespace takt::async
