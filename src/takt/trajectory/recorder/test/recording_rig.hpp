#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "takt/core/error.hpp"
#include "takt/messages/robot_state.hpp"
#include "takt/testing/own_folder.hpp"
#include "takt/trajectory/mcap/sink.hpp"
#include "takt/trajectory/mcap/source.hpp"
#include "takt/trajectory/recorder/internal/recording_file.hpp"
#include "takt/trajectory/recorder/recorder.hpp"
#include "takt/trajectory/recorder/recording.hpp"

/// What the tests of recordings share.
namespace takt::trajectory::recorder {

inline constexpr core::Nanoseconds kMillisecond = 1'000'000;

using takt::testing::OwnFolder;

/// Two joints at ± number, measured `number` milliseconds after the first.
inline messages::RobotState state(int number) {
  messages::RobotState made;
  made.stamp_ns = core::kNanosecondsPerSecond + number * kMillisecond;
  made.sequence = static_cast<std::uint64_t>(number);
  made.joint_positions = {0.001 * number, -0.001 * number};
  made.trace_id = 1000 + static_cast<std::uint64_t>(number);
  return made;
}

inline StateChannelInfo channel(StateKind kind, std::string robot = "follower") {
  return {.robot = std::move(robot),
          .kind = kind,
          .arm = "so101",
          .robot_type = messages::RobotType::kSo101,
          .joint_names = {"pan", "lift"}};
}

/// Keeps what it is given, and fails or blocks when a test says so. Any thread.
struct TestDisk {
  std::mutex mutex{};
  std::vector<std::byte> bytes{};
  std::size_t room{std::size_t{1} << 40U};  ///< what fits before the disk is full
  int syncs{0};
  std::atomic<bool> stalled{false};
  std::atomic<int> waiting{0};        ///< writers that are stalled now
  std::function<void()> meanwhile{};  ///< done once, during the next write

  [[nodiscard]] std::vector<std::byte> contents() {
    const std::scoped_lock lock(mutex);
    return bytes;
  }
};

class TestSink final : public mcap::Sink {
 public:
  explicit TestSink(TestDisk& disk) : disk_(disk) {}

  void write(Parts parts) override {
    disk_.waiting.fetch_add(1);
    disk_.stalled.wait(true);
    disk_.waiting.fetch_sub(1);
    if (const auto meanwhile = std::exchange(disk_.meanwhile, nullptr)) {
      meanwhile();
    }
    const std::scoped_lock lock(disk_.mutex);
    std::size_t size = 0;
    for (const auto part : parts) {
      size += part.size();
    }
    if (disk_.bytes.size() + size > disk_.room) {
      throw SystemError("cannot write 'test.mcap'", ENOSPC);
    }
    for (const auto part : parts) {
      disk_.bytes.insert(disk_.bytes.end(), part.begin(), part.end());
    }
  }
  void sync() override {
    const std::scoped_lock lock(disk_.mutex);
    ++disk_.syncs;
  }

 private:
  TestDisk& disk_;
};

/// What lies on a test disk, to be read. Keeps a copy.
struct Contents {
  explicit Contents(TestDisk& disk)
      : bytes(disk.contents()), file(std::make_unique<mcap::MemorySource>(bytes, "test.mcap")) {}

  std::vector<std::byte> bytes;
  internal::RecordingFile file;
};

/// Returns when `condition` holds; ctest ends a test for which it never does.
template <class Condition>
void wait_until(Condition&& condition) {
  while (!condition()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// Small, so that tests reach its end.
inline RecorderOptions small_ring() {
  RecorderOptions options;
  options.ring_bytes = std::size_t{512} * 1024;
  return options;
}

}  // namespace takt::trajectory::recorder
