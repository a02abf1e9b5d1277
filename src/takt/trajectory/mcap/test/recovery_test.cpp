// What of a file is read that has no (sound) summary: cut anywhere, damaged, or made by a writer who wrote none.

#include <algorithm>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/mcap/internal/records.hpp"
#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/mcap/test/files.hpp"

namespace takt::trajectory::mcap {
namespace {

using test::Bytes;
using test::bytes_of;
using test::file_of;
using test::messages_of;
using test::next_record;
using test::OwnMessage;
using test::reader_of;
using test::some_messages;

/// Where the file ends after each record that a writer gave to its sink as a whole, and what was in it then.
struct Milestone {
  std::size_t bytes{0};
  std::size_t messages{0};
};

std::vector<Milestone> write_in_steps(Bytes& bytes, const std::vector<OwnMessage>& messages, Compression compression) {
  std::vector<Milestone> milestones;
  Writer writer(test::memory_sink(bytes), {.compression = compression, .chunk_bytes = 1 << 20});
  milestones.push_back({bytes.size(), 0});
  test::SomeFile file(writer);
  for (std::size_t i = 0; i < messages.size(); i += 7) {
    file.write({messages.begin() + static_cast<std::ptrdiff_t>(i),
                messages.begin() + static_cast<std::ptrdiff_t>(std::min(i + 7, messages.size()))});
    writer.flush();
    milestones.push_back({bytes.size(), std::min(i + 7, messages.size())});
  }
  writer.close();
  return milestones;
}

class RecoveryTest : public ::testing::TestWithParam<Compression> {};

INSTANTIATE_TEST_SUITE_P(Compressions, RecoveryTest,
                         ::testing::Values(Compression::kNone, Compression::kLz4, Compression::kZstd),
                         [](const auto& info) { return *to_text(info.param) == '\0' ? "none" : to_text(info.param); });

TEST_P(RecoveryTest, AFileCutAnywhereHasEveryWholeChunk) {
  const auto messages = some_messages(60);
  Bytes bytes;
  const auto milestones = write_in_steps(bytes, messages, GetParam());
  for (std::size_t size = 8; size < bytes.size(); ++size) {
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const Reader reader = reader_of(cut);
    ASSERT_TRUE(reader.recovered()) << size;
    const auto read = messages_of(reader);
    // A chunk is whole before its indexes, which are written with it, are.
    std::size_t at_least = 0;
    std::size_t at_most = messages.size();
    for (const Milestone& milestone : milestones) {
      at_least = milestone.bytes <= size ? milestone.messages : at_least;
      at_most = milestone.bytes > size ? std::min(at_most, milestone.messages) : at_most;
    }
    ASSERT_GE(read.size(), at_least) << size;
    ASSERT_LE(read.size(), at_most) << size;
    ASSERT_TRUE(std::equal(read.begin(), read.end(), messages.begin())) << size;
    ASSERT_EQ(reader.recovery()->whole_bytes + reader.recovery()->lost_bytes, size);
    ASSERT_EQ(reader.statistics().messages, read.size());
  }
}

TEST_P(RecoveryTest, ADamagedChunkCostsThisChunk) {
  const auto messages = some_messages(70);
  Bytes bytes;
  const auto milestones = write_in_steps(bytes, messages, GetParam());
  // The last byte of the fourth chunk's records is before its indexes: one of 14 + 9 bytes and entries per channel.
  Bytes damaged = bytes;
  damaged[milestones[3].bytes + 80] ^= std::byte{0xFF};
  const Reader reader = reader_of(damaged, {.read_all = true});
  const auto read = messages_of(reader);
  EXPECT_EQ(reader.recovery()->broken_chunks, 1U);
  EXPECT_FALSE(reader.recovery()->lossless());
  EXPECT_NE(reader.recovery()->first_loss.find(std::to_string(milestones[3].bytes)), std::string::npos)
      << reader.recovery()->first_loss;
  EXPECT_EQ(read.size(), messages.size() - 7);
  EXPECT_TRUE(std::ranges::none_of(read, [](const auto& message) { return message.sequence / 7 == 3; }));
}

// Whichever it is, also the first, which described the channels; and by a byte of its records, of its length, or all.
TEST_P(RecoveryTest, OfAKilledWritersFileADamagedChunkCostsThisChunk) {
  const auto messages = some_messages(70);
  Bytes whole;
  const auto milestones = write_in_steps(whole, messages, GetParam());
  whole.resize(milestones.back().bytes);
  const auto damage = [](Bytes& bytes, std::size_t chunk, std::size_t end, int how) {
    if (how == 2) {
      std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(chunk), bytes.begin() + static_cast<std::ptrdiff_t>(end),
                std::byte{});
    } else {
      bytes[how == 0 ? end - 1 : chunk + 4] ^= std::byte{1};
    }
  };
  for (std::size_t i = 0; i < milestones.size() - 1; ++i) {
    for (const int how : {0, 1, 2}) {
      Bytes bytes = whole;
      damage(bytes, milestones[i].bytes, next_record(whole, milestones[i].bytes), how);
      const Reader reader = reader_of(bytes);
      auto kept = messages;
      std::erase_if(kept, [&](const OwnMessage& message) { return message.sequence / 7 == i; });
      EXPECT_EQ(messages_of(reader), kept) << "chunk " << i << " damage " << how;
      EXPECT_FALSE(reader.recovery()->lossless());
      EXPECT_EQ(reader.recovery()->whole_bytes + reader.recovery()->lost_bytes, bytes.size());
      EXPECT_EQ(reader.recovery()->lost_bytes > 0, how != 0);
      EXPECT_EQ(reader.statistics().messages, kept.size());
    }
  }
}

// A channel that begins late is described by the chunk it begins in, and by the next: a damaged one costs no other.
TEST_P(RecoveryTest, OfAKilledWritersFileADamagedChunkCostsThisChunkAlsoWhereAChannelBegins) {
  constexpr std::size_t kBegins = 5;
  Bytes bytes;
  std::vector<std::size_t> chunks;
  Writer writer(test::memory_sink(bytes), {.compression = GetParam()});
  test::SomeFile file(writer);
  std::vector<OwnMessage> kept;
  for (std::uint32_t i = 0; i < 8; ++i) {  // that with number 8 would say all again
    chunks.push_back(bytes.size());
    std::vector<OwnMessage> messages{{"/a", i, i, 0, "often"}};
    if (i >= kBegins) {
      messages.push_back({"/event", i, i, 0, "late"});
    }
    file.write(messages);
    writer.flush();
    if (i != kBegins) {
      kept.insert(kept.end(), messages.begin(), messages.end());
    }
  }
  const Bytes whole = bytes;  // the writer ends it only now
  Bytes damaged = whole;
  damaged[next_record(whole, chunks[kBegins]) - 1] ^= std::byte{1};
  EXPECT_EQ(messages_of(reader_of(damaged)), kept);
}

TEST(RecoveryOfOthersTest, AnEndOfZerosAsAfterALossOfPowerIsPassedOver) {
  const auto messages = some_messages(60);
  Bytes bytes;
  const auto milestones = write_in_steps(bytes, messages, Compression::kZstd);
  Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(milestones[5].bytes));
  cut.resize(cut.size() + 5000);
  const Reader reader = reader_of(cut);
  EXPECT_EQ(messages_of(reader).size(), milestones[5].messages);
  EXPECT_EQ(reader.recovery()->whole_bytes, milestones[5].bytes);
  EXPECT_EQ(reader.recovery()->lost_bytes, 5000U);
}

TEST(RecoveryOfOthersTest, ADamagedSummaryCostsNothing) {
  const auto messages = some_messages(60);
  Bytes bytes = file_of(messages, Compression::kZstd);
  bytes[bytes.size() - 100] ^= std::byte{1};
  const Reader reader = reader_of(bytes);
  EXPECT_TRUE(reader.recovered());
  EXPECT_TRUE(reader.recovery()->lossless());
  EXPECT_EQ(reader.recovery()->why, "the summary is damaged");
  EXPECT_EQ(messages_of(reader), messages);
  EXPECT_EQ(reader.metadata().size(), 1U);
  EXPECT_EQ(reader.attachment(reader.attachments().at(0)).data, bytes_of("x = 1\n"));
}

TEST(RecoveryOfOthersTest, ReadingAllOfASoundFileFindsTheSame) {
  const auto messages = some_messages(200);
  const Bytes bytes = file_of(messages, Compression::kLz4);
  const Reader indexed = reader_of(bytes);
  const Reader scanned = reader_of(bytes, {.read_all = true});
  EXPECT_EQ(messages_of(scanned), messages_of(indexed));
  EXPECT_EQ(scanned.statistics(), indexed.statistics());
  EXPECT_EQ(scanned.channels(), indexed.channels());
  EXPECT_EQ(scanned.schemas(), indexed.schemas());
  EXPECT_EQ(scanned.metadata(), indexed.metadata());
  EXPECT_TRUE(scanned.recovery()->lossless());
  EXPECT_EQ(scanned.recovery()->why, "");
  EXPECT_EQ(scanned.recovery()->compression, Compression::kLz4);
}

// Behind each milestone is a chunk, and behind the chunk is the first of its indexes.
TEST(RecoveryOfOthersTest, AnOpcodeWithAFlippedBitIsToldAndCostsItsRecordAtMost) {
  const auto messages = some_messages(70);
  Bytes whole;
  const auto milestones = write_in_steps(whole, messages, Compression::kZstd);
  whole.resize(whole.size() - 8);  // without a summary
  const std::size_t chunk = milestones[3].bytes;
  for (const std::size_t offset : {chunk, next_record(whole, chunk)}) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes bytes = whole;
      bytes[offset] ^= static_cast<std::byte>(1U << bit);
      const Reader reader = reader_of(bytes);
      EXPECT_EQ(messages_of(reader).size(), messages.size() - (offset == chunk ? 7U : 0U)) << offset << " " << bit;
      // As a private record it is passed over; the index behind it is then none of a chunk's.
      EXPECT_FALSE(reader.recovery()->lossless()) << offset << " " << bit;
      EXPECT_EQ(reader.recovery()->lost_bytes, 0U);
    }
  }
}

TEST(RecoveryOfOthersTest, LyingLengthsReadNothingBeyondTheEnd) {
  const Bytes whole = file_of(some_messages(20), Compression::kNone);
  const std::size_t chunk = whole.size() > 40 ? 8 + 9 + 4 + 0 + 4 + 4 : 0;  // behind magic and header ("", "takt")
  for (const std::uint64_t lie : {~std::uint64_t{0}, std::uint64_t{1} << 62U, std::uint64_t{whole.size()}}) {
    for (const std::size_t field : {std::size_t{1}, std::size_t{25}, std::size_t{41}}) {  // lengths of the chunk
      Bytes bytes(whole.begin(), whole.end() - 40);                                       // without summary
      internal::store(bytes.data() + chunk + field, lie);
      const Reader reader = reader_of(bytes);
      EXPECT_FALSE(reader.recovery()->lossless());
    }
  }
}

}  // namespace
}  // namespace takt::trajectory::mcap
