// A damaged length that still fits into a file without a summary: what lies in the surplus is no part of the record.

#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "takt/trajectory/mcap/internal/records.hpp"
#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/mcap/test/files.hpp"

namespace takt::trajectory::mcap {
namespace {

using test::Bytes;
using test::next_record;
using test::reader_of;
using test::some_messages;

constexpr std::uint32_t kMessages = 20'000;

struct Damaged {
  std::size_t messages{0};
  Recovery recovery{};
};

/// A file of many chunks, with metadata in its midst, whose writer was killed.
class DamagedLengthTest : public ::testing::TestWithParam<Compression> {
 protected:
  DamagedLengthTest() {
    {
      const auto messages = some_messages(kMessages);
      Writer writer(test::memory_sink(bytes_), {.compression = GetParam(), .chunk_bytes = 8192});
      test::SomeFile file(writer);
      file.write({messages.begin(), messages.begin() + kMessages / 4});
      writer.add_metadata("about", {{"task", "pick"}});
      file.write({messages.begin() + kMessages / 4, messages.end()});
      writer.close();
    }
    std::size_t at = internal::kMagic.size();
    for (; opcode(at) != internal::Opcode::kDataEnd; at = next_record(bytes_, at)) {
      records_.push_back(at);
    }
    bytes_.resize(at);
  }

  [[nodiscard]] internal::Opcode opcode(std::size_t at) const { return static_cast<internal::Opcode>(bytes_[at]); }

  [[nodiscard]] std::vector<std::size_t> all(internal::Opcode wanted) const {
    std::vector<std::size_t> found;
    std::ranges::copy_if(records_, std::back_inserter(found), [&](std::size_t at) { return opcode(at) == wanted; });
    return found;
  }

  /// By the indexes behind it.
  [[nodiscard]] std::size_t messages_of_chunk(std::size_t chunk) const {
    std::size_t entries = 0;
    for (std::size_t at = next_record(bytes_, chunk);
         at < bytes_.size() && opcode(at) == internal::Opcode::kMessageIndex; at = next_record(bytes_, at)) {
      entries += (next_record(bytes_, at) - at - internal::kRecordHead - 6) / 16;
    }
    return entries;
  }

  /// Flips a bit of the length of the record at `at`.
  [[nodiscard]] Damaged damage(std::size_t at, unsigned bit) const {
    Bytes bytes = bytes_;
    bytes[at + 1 + bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    const Reader reader = reader_of(bytes);
    EXPECT_EQ(reader.recovery()->whole_bytes + reader.recovery()->lost_bytes, bytes.size());
    EXPECT_FALSE(reader.recovery()->lossless()) << "bit " << bit << " of the record at " << at;
    return {test::messages_of(reader).size(), *reader.recovery()};
  }

  Bytes bytes_;
  std::vector<std::size_t> records_;
};

INSTANTIATE_TEST_SUITE_P(Compressions, DamagedLengthTest, ::testing::Values(Compression::kNone, Compression::kZstd),
                         [](const auto& info) { return info.param == Compression::kNone ? "none" : "zstd"; });

constexpr unsigned kBits = 20;  // 1 MiB: more does not fit

TEST_P(DamagedLengthTest, OfAChunkCostsThisChunk) {
  ASSERT_GT(bytes_.size(), 200'000U);
  const auto chunks = all(internal::Opcode::kChunk);
  for (const std::size_t index : {std::size_t{0}, std::size_t{3}, chunks.size() / 2}) {
    const std::size_t chunk = chunks[index];
    for (unsigned bit = 8; bit < kBits; ++bit) {
      const Damaged damaged = damage(chunk, bit);
      const std::size_t lost = kMessages - damaged.messages;
      // With a length that ends among its own indexes the chunk is whole: its CRC says so.
      EXPECT_TRUE(lost == messages_of_chunk(chunk) || (lost == 0 && bit < 13))
          << "bit " << bit << " of chunk " << index;
      EXPECT_TRUE(lost == 0 || damaged.recovery.broken_chunks == 1 ||
                  damaged.recovery.lost_bytes >= next_record(bytes_, chunk) - chunk)
          << "bit " << bit << " of chunk " << index;
      EXPECT_LE(damaged.recovery.lost_bytes, chunks[index + 1] - chunk);
    }
  }
}

TEST_P(DamagedLengthTest, OfAnIndexCostsNoMessage) {
  const auto indexes = all(internal::Opcode::kMessageIndex);
  for (const std::size_t index : {indexes[0], indexes[7], indexes[indexes.size() / 2]}) {
    for (unsigned bit = 8; bit < kBits; ++bit) {
      EXPECT_EQ(damage(index, bit).messages, kMessages) << "bit " << bit << " of the index at " << index;
    }
  }
}

TEST_P(DamagedLengthTest, OfMetadataCostsNoMessage) {
  const std::size_t metadata = all(internal::Opcode::kMetadata).at(0);
  for (unsigned bit = 8; bit < kBits; ++bit) {
    EXPECT_EQ(damage(metadata, bit).messages, kMessages) << "bit " << bit;
  }
}

// The record is whole, and what was behind it is not there: nothing tells against its length.
TEST_P(DamagedLengthTest, ARecordBeforeTheFilesEndIsKept) {
  const std::size_t metadata = all(internal::Opcode::kMetadata).at(0);
  for (const std::size_t zeros : {0U, 5U, 5000U}) {
    Bytes cut(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(next_record(bytes_, metadata)));
    cut.resize(cut.size() + zeros);
    EXPECT_EQ(reader_of(cut).metadata().size(), 1U) << zeros;
  }
}

}  // namespace
}  // namespace takt::trajectory::mcap
