#pragma once

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <new>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "takt/core/shared_memory.hpp"
#include "takt/trajectory/mcap/sink.hpp"

#include "rows.hpp"

/// Another process that records rows, to be killed.
namespace takt::test {

/// What the recording process tells its parent, up to the instant of its death.
struct Witness {
  std::atomic<std::uint64_t> rows{0};        ///< that were recorded, or refused
  std::atomic<std::uint64_t> refused{0};     ///< of them
  std::atomic<std::uint64_t> stalled_at{0};  ///< the row after which its disk took nothing any more; 0: it takes all
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

/// How a child records.
struct Recording {
  mcap::Compression compression{mcap::Compression::kZstd};
  bool great_chunks{false};                   ///< none is ever full: only the flush brings them to the file
  std::uint64_t rows_per_turn{kRowsPerTurn};  ///< more than usual: a burst, which waits in the ring
  std::uint64_t stall_after{0};               ///< rows; 0: never
};

/// A file that takes nothing while the disk is stalled.
class StallingSink final : public mcap::Sink {
 public:
  StallingSink(const std::filesystem::path& path, const Witness& witness) : file_(path), witness_(witness) {}

  void write(Parts parts) override {
    wait();
    file_.write(parts);
  }
  void flush() override {
    wait();
    file_.flush();
  }
  void sync() override { file_.sync(); }

 private:
  void wait() const {
    while (witness_.stalled_at.load(std::memory_order_acquire) != 0) {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  }

  mcap::FileSink file_;
  const Witness& witness_;
};

inline recorder::RecorderOptions options_of(const Recording& recording) {
  recorder::RecorderOptions options;
  options.compression = recording.compression;
  options.chunk_bytes = recording.great_chunks ? std::size_t{16} * 1024 * 1024 : options.chunk_bytes;
  if (recording.rows_per_turn == kRowsPerTurn) {
    options.ring_bytes = std::size_t{4} * 1024 * 1024;  // is touched at the start: a small one starts sooner
  }
  return options;
}

/// The child's life: one episode that nobody ends.
[[noreturn]] inline void record_until_killed(const std::filesystem::path& path, const Recording& recording,
                                             Witness& witness) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  LockstepClock clock;
  recorder::Recorder file(std::make_unique<StallingSink>(path, witness), path.string(), options_of(recording), clock);
  RowWriter writer(file, clock);
  writer.wait_every(recording.rows_per_turn);
  static_cast<void>(file.begin_episode("be killed"));
  while (true) {
    if (!writer.write_row()) {
      witness.refused.fetch_add(1);
    }
    witness.rows.store(writer.rows(), std::memory_order_release);
    if (writer.rows() % 100 == 0) {
      file.event("statistics", R"({"rows":)" + std::to_string(writer.rows()) + "}");
    }
    if (writer.rows() == recording.stall_after) {
      witness.stalled_at.store(writer.rows(), std::memory_order_release);
      writer.wait_every(kWaitsNever);
    }
    while (witness.refused.load() > 0 && witness.stalled_at.load() != 0) {
      pause();  // the ring is full, and will be
    }
  }
}

/// Another process that records. Killed, and waited for, at the end.
class RecordingChild {
 public:
  RecordingChild(const std::filesystem::path& path, const Recording& recording)
      : shared_(core::SharedMemory::create("kills_test", sizeof(Witness))),
        witness_(new(shared_.data()) Witness),
        process_(fork()) {
    if (process_ == 0) {
      record_until_killed(path, recording, *witness_);
    }
    EXPECT_GT(process_, 0);
  }
  ~RecordingChild() { kill(); }
  RecordingChild(const RecordingChild&) = delete;
  RecordingChild& operator=(const RecordingChild&) = delete;

  [[nodiscard]] const Witness& witness() const noexcept { return *witness_; }

  /// @return false when it ended by itself before
  bool wait_for_rows(std::uint64_t rows) {
    while (witness_->rows.load(std::memory_order_acquire) < rows) {
      if (waitpid(process_, &status_, WNOHANG) != 0) {
        process_ = -1;
        return false;
      }
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    return true;
  }

  void kill() {
    if (process_ > 0) {
      ::kill(process_, SIGKILL);
      while (waitpid(process_, &status_, 0) < 0 && errno == EINTR) {
      }
      process_ = -1;
    }
  }
  [[nodiscard]] bool was_killed() const { return WIFSIGNALED(status_) && WTERMSIG(status_) == SIGKILL; }

 private:
  core::SharedMemory shared_;
  Witness* witness_;
  pid_t process_;
  int status_{0};
};

}  // namespace takt::test
