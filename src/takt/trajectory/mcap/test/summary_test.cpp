// What a summary may say and be believed.

#include <cstdint>
#include <utility>

#include <gtest/gtest.h>

#include "takt/trajectory/mcap/internal/records.hpp"
#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/mcap/test/files.hpp"

namespace takt::trajectory::mcap {
namespace {

using test::Bytes;
using test::file_of;
using test::messages_of;
using test::reader_of;
using test::some_messages;

/// The file with all entries of a kind twice in its summary, and so in the statistics' count of them.
Bytes with_entries_twice(const Bytes& bytes, internal::Opcode kind, std::size_t count_at) {
  constexpr std::size_t kTail = internal::kRecordHead + internal::kFooterBody + internal::kMagic.size();
  const internal::ByteView all(bytes);
  const auto start = internal::load<std::uint64_t>(all.data() + all.size() - kTail + internal::kRecordHead);
  Bytes lying(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(start));
  for (internal::ByteView rest = all.subspan(start, all.size() - kTail - start); !rest.empty();) {
    internal::ByteView whole = rest;
    const auto record = internal::take_record(rest);
    whole = whole.first(whole.size() - rest.size());
    internal::append_bytes(lying, whole);
    if (record->opcode == kind) {
      internal::append_bytes(lying, whole);
    } else if (record->opcode == internal::Opcode::kStatistics) {
      std::byte* count = lying.data() + lying.size() - record->body.size() + count_at;
      internal::store(count, 2 * internal::load<std::uint32_t>(count));
    }
  }
  internal::append_bytes(lying, all.last(kTail));
  std::byte* crc = lying.data() + lying.size() - internal::kMagic.size() - sizeof(std::uint32_t);
  internal::store(crc, std::uint32_t{0});  // none
  return lying;
}

TEST(SummaryTest, ASummaryThatNamesBytesTwiceIsNotBelieved) {
  const auto messages = some_messages(60);
  const Bytes bytes = file_of(messages, Compression::kZstd);
  for (const auto& [kind, count_at] : {std::pair{internal::Opcode::kAttachmentIndex, std::size_t{14}},
                                       {internal::Opcode::kMetadataIndex, std::size_t{18}},
                                       {internal::Opcode::kChunkIndex, std::size_t{22}}}) {
    const Bytes lying = with_entries_twice(bytes, kind, count_at);
    const Reader reader = reader_of(lying);
    ASSERT_TRUE(reader.recovered()) << static_cast<int>(kind);
    EXPECT_EQ(reader.recovery()->why, "the summary names bytes of the file twice");
    EXPECT_TRUE(reader.recovery()->lossless());
    EXPECT_EQ(messages_of(reader), messages);
    EXPECT_EQ(reader.metadata().size(), 1U);
    EXPECT_EQ(reader.attachments().size(), 1U);
  }
}

}  // namespace
}  // namespace takt::trajectory::mcap
