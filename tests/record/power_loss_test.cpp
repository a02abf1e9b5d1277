// What --fsync promises: after a loss of power the file has what was flushed in time. A sink stands for the disk: what
// was synced is there; of what came later any page may be there, or be a hole of zeros.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "takt/trajectory/mcap/sink.hpp"

#include "rows.hpp"

namespace takt::test {
namespace {

constexpr std::size_t kPageBytes = 4096;

struct Disk {
  std::mutex mutex;
  std::vector<std::byte> bytes;
  std::size_t synced{0};
};

class DiskSink final : public mcap::Sink {
 public:
  explicit DiskSink(Disk& disk) : disk_(disk) {}
  void write(Parts parts) override {
    const std::scoped_lock lock(disk_.mutex);
    for (const auto part : parts) {
      disk_.bytes.insert(disk_.bytes.end(), part.begin(), part.end());
    }
  }
  void sync() override {
    const std::scoped_lock lock(disk_.mutex);
    disk_.synced = disk_.bytes.size();
  }

 private:
  Disk& disk_;
};

/// The file after the power came back.
std::vector<std::byte> what_survives(Disk& disk, std::mt19937_64& random) {
  const std::scoped_lock lock(disk.mutex);
  const std::size_t length = disk.synced + random() % (disk.bytes.size() - disk.synced + 1);
  std::vector<std::byte> left(disk.bytes.begin(), disk.bytes.begin() + static_cast<std::ptrdiff_t>(length));
  for (std::size_t page = disk.synced; page < left.size(); page = (page / kPageBytes + 1) * kPageBytes) {
    if (random() % 2 == 0) {
      const std::size_t end = std::min(left.size(), (page / kPageBytes + 1) * kPageBytes);
      std::fill(left.begin() + static_cast<std::ptrdiff_t>(page), left.begin() + static_cast<std::ptrdiff_t>(end),
                std::byte{0});
    }
  }
  return left;
}

std::uint64_t rows_after_power_loss(Disk& disk, std::mt19937_64& random) {
  const std::vector<std::byte> left = what_survives(disk, random);
  return read_rows(mcap::Reader(std::make_unique<mcap::MemorySource>(left, "left.mcap"))).least;
}

TEST(PowerLoss, TakesFromARecordingWithFsyncNoMoreThanTheFlushInterval) {
  Disk disk;
  std::mt19937_64 random(7);
  LockstepClock clock;
  recorder::RecorderOptions options;
  options.fsync = true;
  const std::uint64_t interval_rows = static_cast<std::uint64_t>(options.flush_every_ns / kRowPeriod);
  recorder::Recorder file(std::make_unique<DiskSink>(disk), "test.mcap", options, clock);
  RowWriter writer(file, clock);
  for (int failure = 0; failure < 20; ++failure) {
    for (std::uint64_t row = random() % 60; row > 0; --row) {
      ASSERT_TRUE(writer.write_row());
    }
    const std::uint64_t left = rows_after_power_loss(disk, random);
    EXPECT_GE(left + interval_rows, writer.rows());
    EXPECT_LE(left, writer.rows());
  }
  EXPECT_GT(writer.rows(), interval_rows) << "there was something to keep";
}

TEST(PowerLoss, MayTakeEverythingFromOneWithoutFsync) {
  Disk disk;
  LockstepClock clock;
  recorder::Recorder file(std::make_unique<DiskSink>(disk), "test.mcap", {}, clock);
  RowWriter writer(file, clock);
  for (int row = 0; row < 300; ++row) {
    ASSERT_TRUE(writer.write_row());
  }
  const std::scoped_lock lock(disk.mutex);
  EXPECT_GT(disk.bytes.size(), 0U);
  EXPECT_EQ(disk.synced, 0U) << "nobody pays for what was not asked for";
}

}  // namespace
}  // namespace takt::test
