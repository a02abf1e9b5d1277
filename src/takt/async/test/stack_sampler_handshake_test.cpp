// What happens when a thread answers late or never, and when several ask at once.
#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/async/internal/stack_sampler.hpp"
#include "takt/async/test/target_threads.hpp"
#include "takt/core/error.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

TEST(StackSamplerHandshakeTest, ManySamplersOfOneThreadAtOnce) {
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

TEST(StackSamplerHandshakeTest, AThreadThatHasEndedIsSaidToHaveEnded) {
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
TEST(StackSamplerHandshakeTest, ASignalThatComesTooLateDoesNothing) {
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
TEST(StackSamplerHandshakeTest, GivingUpRacesWithAnsweringAndNeitherIsHurt) {
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

TEST(StackSamplerHandshakeTest, MoreSamplersThanThereIsRoomForAreRefused) {
  std::vector<std::unique_ptr<StackSampler>> samplers;
  for (std::size_t i = 0; i < StackSampler::kMaxSamplers; ++i) {
    samplers.push_back(std::make_unique<StackSampler>(thread_id()));
  }
  EXPECT_THROW(StackSampler{thread_id()}, LogicError);
  samplers.pop_back();
  EXPECT_TRUE(StackSampler(thread_id()).sample(kPatience).has_value());
}

TEST(StackSamplerHandshakeTest, ASignalWithoutARequestDoesNothing) {
  std::atomic<int> visits{0};
  const StackSampler sampler(
      thread_id(), [](void* context) noexcept { ++*static_cast<std::atomic<int>*>(context); }, &visits);
  ASSERT_EQ(raise(StackSampler::signal()), 0);
  EXPECT_EQ(visits, 0);
}

}  // namespace
}  // namespace takt::async
