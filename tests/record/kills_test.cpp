// A recorder that is killed, at any moment: what the file still has, beside what the killed process had recorded.

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "takt/core/shared_memory.hpp"
#include "takt/testing/own_folder.hpp"
#include "takt/trajectory/mcap/repair.hpp"
#include "takt/trajectory/recorder/recording.hpp"

#include "raw_chunks.hpp"
#include "rows.hpp"

namespace takt::test {
namespace {

using std::chrono::microseconds;
using takt::testing::OwnFolder;

/// What the recording process tells its parent, up to the instant of its death.
struct Witness {
  std::atomic<std::uint64_t> rows{0};     ///< that the recorder has taken
  std::atomic<std::uint64_t> refused{0};  ///< rows that it has not
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

/// How a child records.
struct Recording {
  mcap::Compression compression{mcap::Compression::kZstd};
  bool great_chunks{false};  ///< none is ever full: only the flush brings them to the file
};

recorder::RecorderOptions options_of(const Recording& recording) {
  recorder::RecorderOptions options;
  options.compression = recording.compression;
  options.chunk_bytes = recording.great_chunks ? std::size_t{16} * 1024 * 1024 : options.chunk_bytes;
  options.ring_bytes = std::size_t{4} * 1024 * 1024;  // is touched at the start: a small one starts sooner
  return options;
}

/// The child's life: one episode that nobody ends.
[[noreturn]] void record_until_killed(const std::filesystem::path& path, const Recording& recording, Witness& witness) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  LockstepClock clock;
  recorder::Recorder file(std::make_unique<mcap::FileSink>(path), path.string(), options_of(recording), clock);
  RowWriter writer(file, clock);
  static_cast<void>(file.begin_episode("be killed"));
  while (true) {
    if (!writer.write_row()) {
      witness.refused.fetch_add(1);
    }
    witness.rows.store(writer.rows(), std::memory_order_release);
    if (writer.rows() % 100 == 0) {
      file.event("statistics", R"({"rows":)" + std::to_string(writer.rows()) + "}");
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
      std::this_thread::sleep_for(microseconds(200));
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

std::vector<std::byte> bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

/// Everything whole is read: as many chunks, and messages, as lie there for everybody to see.
void expect_every_whole_chunk(const ReadRows& rows, std::span<const std::byte> bytes) {
  const RawChunks raw = raw_chunks(bytes);
  EXPECT_EQ(rows.chunks, raw.chunks);
  if (!raw.compressed) {
    EXPECT_EQ(rows.messages, raw.messages);
  }
}

/// The promise: what was recorded longer ago than the flush interval is there.
void expect_small_loss(const ReadRows& rows, const Witness& witness) {
  const std::uint64_t recorded = witness.rows.load();
  EXPECT_EQ(witness.refused.load(), 0U);
  EXPECT_LE(rows.most, recorded + 1) << "at most the row that was on its way";
  const auto flush_every = recorder::RecorderOptions{}.flush_every_ns;
  const std::uint64_t lost = recorded > rows.least ? recorded - rows.least : 0;
  EXPECT_LE(static_cast<core::Nanoseconds>(lost) * kRowPeriod, flush_every)
      << "of " << recorded << " rows " << rows.least << " are there";
}

/// A file cut off at a byte more: a beginning of what was there, never something else.
void expect_a_beginning(std::span<const std::byte> bytes, const ReadRows& whole, std::size_t length) {
  const auto cut = bytes.first(length);
  try {
    const mcap::Reader reader(std::make_unique<mcap::MemorySource>(cut, "cut.mcap"));
    const ReadRows rows = read_rows(reader);
    expect_every_whole_chunk(rows, cut);
    EXPECT_LE(rows.most, whole.most);
  } catch (const ConfigError& error) {
    EXPECT_EQ(raw_chunks(cut).chunks, 0U) << error.what();
  }
}

void expect_repaired(const std::filesystem::path& path, const std::filesystem::path& repaired, const ReadRows& rows) {
  const mcap::RepairReport report = mcap::repair(path, repaired);
  EXPECT_EQ(report.kept.messages, rows.messages);
  const ReadRows again = read_rows(mcap::Reader(repaired));
  EXPECT_FALSE(again.recovered) << "it has an index now";
  EXPECT_EQ(again.messages, rows.messages);
  EXPECT_EQ(again.least, rows.least);
  EXPECT_FALSE(recorder::list_recording(repaired).recovered);
}

struct Campaign {
  std::mt19937_64 random{20'240'607};
  std::uint64_t worst_loss_rows{0};
  int files{0};

  void judge(const OwnFolder& folder, const std::filesystem::path& path, const Witness& witness) {
    const std::uint64_t recorded = witness.rows.load();
    const std::vector<std::byte> bytes = bytes_of(path);
    if (recorded == 0 && raw_chunks(bytes).chunks == 0) {
      return;  // killed while it began
    }
    const ReadRows rows = read_rows(mcap::Reader(path));
    EXPECT_TRUE(rows.recovered);
    expect_every_whole_chunk(rows, bytes);
    expect_small_loss(rows, witness);
    worst_loss_rows = std::max(worst_loss_rows, recorded - std::min(recorded, rows.least));
    const recorder::Recording listed = recorder::list_recording(path);
    EXPECT_TRUE(listed.recovered);
    for (const recorder::RecordedEpisode& episode : listed.episodes) {
      EXPECT_FALSE(episode.ended);
      EXPECT_EQ(episode.task, "be killed");
    }
    expect_repaired(path, folder / "repaired.mcap", rows);
    for (int i = 0; i < 3; ++i) {
      expect_a_beginning(bytes, rows, random() % (bytes.size() + 1));
    }
    ++files;
  }
};

/// `usual`, times the number in TAKT_CAMPAIGN.
int campaign(int usual) {
  const char* factor = std::getenv("TAKT_CAMPAIGN");  // NOLINT(concurrency-mt-unsafe)
  return usual * (factor == nullptr ? 1 : std::max(1, std::atoi(factor)));
}

TEST(KilledRecorder, LosesNoWholeChunkAndNoMoreThanTheFlushInterval) {
  const OwnFolder folder;
  Campaign all;
  constexpr std::array kCompressions{mcap::Compression::kNone, mcap::Compression::kLz4, mcap::Compression::kZstd};
  const int kills = campaign(25);
  for (int i = 0; i < kills && !HasFailure(); ++i) {
    SCOPED_TRACE("kill " + std::to_string(i));
    const std::filesystem::path path = folder / (std::to_string(i) + ".mcap");
    // Every fifth is killed while it begins, the others after up to twice the interval; then at any moment.
    const std::uint64_t rows = i % 5 == 0 ? 0 : all.random() % 400;
    const microseconds later(all.random() % 10'000);
    RecordingChild child(path, {.compression = kCompressions.at(static_cast<std::size_t>(i) % kCompressions.size()),
                                .great_chunks = i % 2 == 0});
    ASSERT_TRUE(child.wait_for_rows(rows)) << "the child ended by itself";
    std::this_thread::sleep_for(later);
    child.kill();
    ASSERT_TRUE(child.was_killed());
    all.judge(folder, path, child.witness());
    std::filesystem::remove(path);
    std::filesystem::remove(folder / "repaired.mcap");
  }
  EXPECT_GT(all.files, kills / 2);
  RecordProperty("worst_loss_ms", static_cast<int>(all.worst_loss_rows));
}

}  // namespace
}  // namespace takt::test
