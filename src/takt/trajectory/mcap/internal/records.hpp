#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "takt/core/time.hpp"
#include "takt/trajectory/mcap/internal/bytes.hpp"
#include "takt/trajectory/mcap/values.hpp"

/// The records of an MCAP file, one by one: docs/formats/mcap.md. Parsing gives nothing for a body that is too short,
/// names what cannot be, or holds a time beyond 2262; further bytes at a body's end are ignored, as the specification
/// wants it. Nothing here allocates more than the body is long, but a map: some ten times of that where its entries are
/// short.
namespace takt::trajectory::mcap::internal {

inline constexpr std::string_view kMagic("\x89MCAP0\r\n", 8);
inline constexpr std::size_t kRecordHead = 9;        ///< opcode and length
inline constexpr std::size_t kMessageHead = 22;      ///< of a message's body, before its data
inline constexpr std::uint64_t kMostChunkHead = 53;  ///< a chunk's record before the records in it
inline constexpr std::size_t kFooterBody = 20;
inline constexpr std::size_t kDataEndBody = 4;

enum class Opcode : std::uint8_t {
  kNone = 0x00,  ///< no record begins so
  kHeader = 0x01,
  kFooter = 0x02,
  kSchema = 0x03,
  kChannel = 0x04,
  kMessage = 0x05,
  kChunk = 0x06,
  kMessageIndex = 0x07,
  kChunkIndex = 0x08,
  kAttachment = 0x09,
  kAttachmentIndex = 0x0A,
  kStatistics = 0x0B,
  kMetadata = 0x0C,
  kMetadataIndex = 0x0D,
  kSummaryOffset = 0x0E,
  kDataEnd = 0x0F,
};
inline constexpr Opcode kFirstPrivate{0x80};  ///< and all above

struct Header {
  std::string profile{};
  std::string library{};
};

/// A chunk's body: its fixed fields and where its records are, still compressed.
struct ChunkView {
  core::Nanoseconds start_ns{0};
  core::Nanoseconds end_ns{0};
  std::uint64_t uncompressed_size{0};
  std::uint32_t uncompressed_crc{0};  ///< 0: not given
  Compression compression{Compression::kNone};
  ByteView records{};
};

struct ChunkIndex {
  core::Nanoseconds start_ns{0};
  core::Nanoseconds end_ns{0};
  std::uint64_t offset{0};  ///< of the chunk's record in the file
  std::uint64_t length{0};  ///< of the whole record
  ByteView channels{};      ///< pairs of u16 and u64: channel, where its MessageIndex is
};

struct MetadataIndex {
  std::uint64_t offset{0};
  std::uint64_t length{0};
};

struct Footer {
  std::uint64_t summary_start{0};
  std::uint64_t summary_offset_start{0};
  std::uint32_t summary_crc{0};
};

/// A record's opcode and body, taken off the front of `bytes`; nothing when it does not fit in.
struct Record {
  Opcode opcode{};
  ByteView body{};
};
[[nodiscard]] std::optional<Record> take_record(ByteView& bytes) noexcept;

[[nodiscard]] std::optional<Header> parse_header(ByteView body);
[[nodiscard]] std::optional<Schema> parse_schema(ByteView body);  ///< also nothing for the number 0
[[nodiscard]] std::optional<Channel> parse_channel(ByteView body);
[[nodiscard]] std::optional<Message> parse_message(ByteView body) noexcept;
[[nodiscard]] std::optional<ChunkView> parse_chunk(ByteView body) noexcept;  ///< also nothing for another compression
/// Of the whole record, when a chunk begins here whose lengths agree; the records in it need not be at hand.
[[nodiscard]] std::optional<std::uint64_t> chunk_record_length(ByteView start) noexcept;
/// Whether it fits exactly: what it says, other records say too, so that nobody needs more of it.
[[nodiscard]] bool is_message_index(ByteView body) noexcept;
[[nodiscard]] std::optional<ChunkIndex> parse_chunk_index(ByteView body) noexcept;
[[nodiscard]] std::optional<Statistics> parse_statistics(ByteView body);
[[nodiscard]] std::optional<Metadata> parse_metadata(ByteView body);
[[nodiscard]] std::optional<MetadataIndex> parse_metadata_index(ByteView body) noexcept;
[[nodiscard]] std::optional<Footer> parse_footer(ByteView body) noexcept;

/// An attachment's fields without its data, which begin `data_offset` bytes behind the start of the body and must end
/// 4 bytes, the CRC, before its end.
struct AttachmentHead {
  core::Nanoseconds log_time_ns{0};
  core::Nanoseconds create_time_ns{0};
  std::string name{};
  std::string media_type{};
  std::uint64_t data_offset{0};
  std::uint64_t data_size{0};
};
/// @param start of the body, as much as is at hand; nothing when the fields are longer than it.
[[nodiscard]] std::optional<AttachmentHead> parse_attachment_head(ByteView start, std::uint64_t body_size);

/// Where an attachment is, from the summary; AttachmentHead::data_offset is 0.
struct AttachmentIndex {
  std::uint64_t offset{0};
  std::uint64_t length{0};
  AttachmentHead head{};
};
[[nodiscard]] std::optional<AttachmentIndex> parse_attachment_index(ByteView body);

/// Whole records, appended.
void append_header(Bytes& bytes, const Header& header);
void append_schema(Bytes& bytes, const Schema& schema);
void append_channel(Bytes& bytes, const Channel& channel);
void append_statistics(Bytes& bytes, const Statistics& statistics, std::size_t schemas, std::size_t channels);
void append_attachment(Bytes& bytes, const Attachment& attachment);
void append_attachment_index(Bytes& bytes, const Attachment& attachment, std::uint64_t offset, std::uint64_t length);
void append_metadata(Bytes& bytes, std::string_view name, const std::map<std::string, std::string>& values);
void append_metadata_index(Bytes& bytes, std::string_view name, std::uint64_t offset, std::uint64_t length);
void append_summary_offset(Bytes& bytes, Opcode group, std::uint64_t start, std::uint64_t length);
void append_data_end(Bytes& bytes);

/// A record whose length is filled in at the end of this object's life.
class OpenRecord {
 public:
  OpenRecord(Bytes& bytes, Opcode opcode) : bytes_(&bytes), start_(bytes.size()) {
    append(bytes, opcode);
    append(bytes, std::uint64_t{0});
  }
  ~OpenRecord() { store(bytes_->data() + start_ + 1, std::uint64_t{bytes_->size() - start_ - kRecordHead}); }
  OpenRecord(const OpenRecord&) = delete;
  OpenRecord& operator=(const OpenRecord&) = delete;

 private:
  Bytes* bytes_;
  std::size_t start_;
};

}  // namespace takt::trajectory::mcap::internal
