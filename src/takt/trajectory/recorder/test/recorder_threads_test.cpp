#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/trajectory/recorder/recorder.hpp"
#include "takt/trajectory/recorder/test/recording_rig.hpp"

namespace takt::trajectory::recorder {
namespace {

constexpr std::size_t kThreads = 4;
constexpr int kStates = 2000;
constexpr int kEpisodes = 20;

TEST(RecorderThreadsTest, WhatManyThreadsRecordIsThereOnceInTheirOrderOrCounted) {
  TestDisk disk;
  Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap", small_ring());
  constexpr std::array kKinds{StateKind::kMapped, StateKind::kGuarded, StateKind::kSent, StateKind::kReadBack};
  std::vector<StateChannel*> channels;
  for (const StateKind kind : kKinds) {
    channels.push_back(&recorder.states(channel(kind)));
  }
  std::array<std::uint64_t, kThreads> accepted{};
  {
    std::vector<std::jthread> threads;
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 1; i <= kStates; ++i) {
          accepted[thread] += channels[thread]->record(state(i)) ? 1 : 0;
        }
      });
    }
    threads.emplace_back([&] {  // the operator, meanwhile
      for (int i = 0; i < kEpisodes; ++i) {
        wait_until([&] { return recorder.begin_episode("pick").has_value(); });  // the ring may be full
        recorder.note(Note::kMode, "follower", "teleop");
        recorder.event("statistics", "{}");
        static_cast<void>(recorder.state());
        wait_until([&] { return recorder.end_episode(true).has_value(); });
      }
    });
  }
  recorder.close();
  EXPECT_EQ(recorder.state().fault, "");
  const Contents contents(disk);
  EXPECT_EQ(contents.file.contents().episodes.size(), static_cast<std::size_t>(kEpisodes));
  std::uint64_t in_episodes = 0;
  for (const RecordedEpisode& episode : contents.file.contents().episodes) {
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      std::uint64_t frames = 0;
      contents.file.visit_states(thread, episode.number, [&](const internal::StateRow&) { ++frames; });
      EXPECT_EQ(frames, episode.frames.at(thread)) << "what the end says is what is there";
      in_episodes += frames;
    }
  }
  std::uint64_t all = 0;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    std::uint64_t frames = 0;
    std::uint64_t disorder = 0;
    std::uint64_t last = 0;
    contents.file.visit_states(thread, std::nullopt, [&](const internal::StateRow& row) {
      ++frames;
      disorder += row.state.sequence > last ? 0 : 1;
      last = row.state.sequence;
    });
    EXPECT_EQ(frames, accepted[thread]);
    EXPECT_EQ(disorder, 0U);
    EXPECT_EQ(frames + channels[thread]->dropped(), static_cast<std::uint64_t>(kStates));
    all += frames;
  }
  EXPECT_LE(in_episodes, all);
}

TEST(RecorderThreadsTest, OneChannelMayBeRecordedFromSeveralThreads) {
  TestDisk disk;
  Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap", small_ring());
  StateChannel& sent = recorder.states(channel(StateKind::kSent));
  {
    std::vector<std::jthread> threads;
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&] {
        for (int i = 1; i <= kStates; ++i) {
          sent.record(state(i));
        }
      });
    }
  }
  recorder.close();
  const std::uint64_t frames = Contents(disk).file.contents().channels.at(0).frames;
  EXPECT_GT(frames, 0U);
  EXPECT_EQ(frames + sent.dropped(), kThreads * static_cast<std::uint64_t>(kStates));
}

TEST(RecorderThreadsTest, ChannelsMayBeAddedWhileOthersRecord) {
  TestDisk disk;
  Recorder recorder(std::make_unique<TestSink>(disk), "test.mcap");
  StateChannel& sent = recorder.states(channel(StateKind::kSent));
  std::jthread recording([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      sent.record(state(1));
    }
  });
  for (int i = 0; i < 10; ++i) {
    StateChannel& added = recorder.states(channel(StateKind::kSent, "arm" + std::to_string(i)));
    wait_until([&] { return added.record(state(i)); });  // the ring may be full
  }
  recording.request_stop();
  recording.join();
  recorder.close();
  const Contents contents(disk);
  const auto& channels = contents.file.contents().channels;
  ASSERT_EQ(channels.size(), 11U);
  for (std::size_t i = 1; i < channels.size(); ++i) {
    EXPECT_EQ(channels[i].frames, 1U) << channels[i].info.robot;
  }
}

/// Takes the CPU from one thread while it records, until somebody gives it back.
class ClockOfALostThread final : public core::Clock {
 public:
  [[nodiscard]] core::Nanoseconds now_ns() const noexcept override {
    if (std::this_thread::get_id() == victim_.load()) {
      lost_ = true;
      lost_.notify_all();
      given_back_.wait(false);
    }
    return core::monotonic_now_ns();
  }
  void sleep_until_ns(core::Nanoseconds deadline_ns) noexcept override {
    core::steady_clock().sleep_until_ns(deadline_ns);
  }
  /// From the calling thread, when it asks for the time next.
  void take_from_this_thread() { victim_ = std::this_thread::get_id(); }
  void wait_until_lost() { lost_.wait(false); }
  void give_back() {
    given_back_ = true;
    given_back_.notify_all();
  }

 private:
  std::atomic<std::thread::id> victim_{};
  mutable std::atomic<bool> lost_{false};
  std::atomic<bool> given_back_{false};
};

/// An episode that is closed while another thread has lost the CPU within record().
struct LostThread {
  explicit LostThread(TestDisk& disk) : recorder(std::make_unique<TestSink>(disk), "test.mcap", small_ring(), clock) {
    EXPECT_TRUE(recorder.begin_episode("pick"));
    thread = std::jthread([this] {
      clock.take_from_this_thread();
      taken = lost.record(state(1));
    });
    clock.wait_until_lost();
    EXPECT_TRUE(sent.record(state(2)));
  }

  ClockOfALostThread clock;
  Recorder recorder;
  StateChannel& lost{recorder.states(channel(StateKind::kMapped))};
  StateChannel& sent{recorder.states(channel(StateKind::kSent))};
  std::atomic<bool> taken{false};
  std::jthread thread;
};

TEST(RecorderThreadsTest, AThreadThatStaysLostCostsItsOwnRecordOnlyAndIsTold) {
  TestDisk disk;
  LostThread run(disk);
  run.recorder.close();
  const Contents contents(disk);
  EXPECT_FALSE(contents.file.contents().recovered);
  ASSERT_EQ(contents.file.contents().episodes.size(), 1U);
  EXPECT_TRUE(contents.file.contents().episodes[0].ended);
  EXPECT_EQ(contents.file.contents().channels.at(0).frames, 0U);
  EXPECT_EQ(contents.file.contents().channels.at(1).frames, 1U);
  run.clock.give_back();
  run.thread.join();
  EXPECT_FALSE(run.taken);
  EXPECT_EQ(run.lost.dropped(), 1U);
  EXPECT_EQ(run.recorder.state().dropped, 1U);
}

TEST(RecorderThreadsTest, AThreadThatIsBackBeforeTheFileIsClosedHasItsRecordInItOrKnowsThatNot) {
  TestDisk disk;
  LostThread run(disk);
  std::jthread back([&] {
    wait_until([&] { return run.recorder.state().episode == 0; });  // it is closing
    run.clock.give_back();
  });
  run.recorder.close();
  back.join();
  run.thread.join();
  const Contents contents(disk);
  EXPECT_EQ(contents.file.contents().channels.at(0).frames, run.taken ? 1U : 0U);
  EXPECT_EQ(run.lost.dropped(), run.taken ? 0U : 1U);
  EXPECT_EQ(contents.file.contents().channels.at(1).frames, 1U);
  ASSERT_EQ(contents.file.contents().episodes.size(), 1U);
  EXPECT_TRUE(contents.file.contents().episodes[0].ended);
}

}  // namespace
}  // namespace takt::trajectory::recorder
