#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "takt/core/error.hpp"
#include "takt/core/time.hpp"
#include "takt/trajectory/mcap/internal/by_id.hpp"
#include "takt/trajectory/mcap/internal/records.hpp"
#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/mcap/source.hpp"
#include "takt/trajectory/mcap/values.hpp"

namespace takt::trajectory::mcap::internal {

/// Bytes of a file's schemas and channels together.
inline constexpr std::uint64_t kMostDefinitions = std::uint64_t{64} << 20U;

/// Where messages are: a chunk, or a stretch of the file with messages outside chunks (and other small records, which
/// are passed over).
struct Extent {
  core::Nanoseconds start_ns{0};  ///< the smallest log time in it
  core::Nanoseconds end_ns{0};    ///< the greatest
  std::uint64_t offset{0};        ///< in the file, of the first record
  std::uint64_t length{0};
  bool chunk{true};
  bool channels_known{false};       ///< the next two are what it holds; else nobody knows
  std::uint32_t channels_first{0};  ///< in Contents::extent_channels
  std::uint32_t channels_count{0};
};

/// What is in a file, and where; everything but the messages.
struct Contents {
  Header header{};
  ById<Schema> schemas{};
  ById<Channel> channels{};
  std::vector<Extent> extents{};                   ///< by rising start, then offset
  std::vector<core::Nanoseconds> latest_end_ns{};  ///< per extent: the greatest end of it and all before it
  std::vector<ChannelId> extent_channels{};
  std::vector<AttachmentEntry> attachments{};
  std::vector<MetadataIndex> metadata{};
  Statistics statistics{};
  std::uint64_t sure_data_end{0};  ///< where the summary begins that says all this, and has a CRC; 0: there is none
  std::optional<Recovery> recovery{};

  [[nodiscard]] const Schema* find(SchemaId id) const noexcept { return schemas.find(id); }
  [[nodiscard]] const Channel* find(ChannelId id) const noexcept { return channels.find(id); }

  /// False, and nothing is added, when the number is taken by another, the channel's schema is not there, or they are
  /// together more than kMostDefinitions: chunks compress, so that a small file might fill the memory with them.
  [[nodiscard]] bool add(Schema schema);
  [[nodiscard]] bool add(Channel channel);

  std::uint64_t definition_bytes{0};  ///< of all schemas and channels, as they are held

  /// Brings extents, schemas and channels into order. Call it when all are there.
  void sort();
};

/// Throws ConfigError unless the file begins as an MCAP file does.
void require_magic(Source& source);

/// By the summary at the file's end, or why that cannot be used: it has more than `max_bytes`, for one.
/// @throws SystemError
[[nodiscard]] Expected<Contents, std::string> read_summary(Source& source, std::uint64_t max_bytes);

/// By reading all of the file. @param summary what it says, or why that cannot be used: with one that has a CRC nothing
/// but what is damaged itself is lost. @param max_chunk_bytes of a chunk, decoded, and of any other record: what is
/// greater is lost. @throws SystemError
[[nodiscard]] Contents scan(Source& source, const Expected<Contents, std::string>& summary,
                            std::uint64_t max_chunk_bytes);

}  // namespace takt::trajectory::mcap::internal
