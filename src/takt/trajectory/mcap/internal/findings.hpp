#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "takt/trajectory/mcap/internal/contents.hpp"
#include "takt/trajectory/mcap/internal/decoded_chunk.hpp"
#include "takt/trajectory/mcap/internal/records.hpp"

namespace takt::trajectory::mcap::internal {

/// A record's place in the file.
struct Place {
  std::uint64_t offset{0};
  std::uint64_t body{0};  ///< its length
  [[nodiscard]] std::uint64_t body_offset() const noexcept { return offset + kRecordHead; }
  [[nodiscard]] std::uint64_t length() const noexcept { return kRecordHead + body; }
  [[nodiscard]] std::uint64_t end() const noexcept { return offset + length(); }
};

/// What a scan has found so far, and what of it is lost. One thread at a time.
class Findings {
 public:
  /// @param summary null: there is none to be trusted; else what it describes is described. @param max_extent_bytes
  /// that a reader takes at once.
  Findings(std::string why, const Contents* summary, std::uint64_t max_extent_bytes);

  void lose(std::string what);
  void lose_bytes(std::uint64_t bytes) noexcept { recovery_.lost_bytes += bytes; }
  void lose_record(const char* what, const Place& place);
  void lose_great(const Place& place, std::uint64_t most);
  void lose_chunk(std::string_view why, const Place& place);

  /// Of the header; "" when that is damaged.
  [[nodiscard]] const std::string& library() const noexcept { return contents_.header.library; }
  void take_header(Header header) { contents_.header = std::move(header); }
  /// A schema or channel. False: it is damaged, or contradicts another.
  [[nodiscard]] bool define(Opcode opcode, ByteView body);
  [[nodiscard]] bool describes(ChannelId channel) const noexcept { return contents_.find(channel) != nullptr; }
  void add_message(const Place& place, const Message& message);
  void add_attachment(const Place& place, AttachmentHead head);
  void add_metadata(const Place& place);

  /// The channels of its messages. Valid until the next call.
  [[nodiscard]] const std::vector<ChannelId>& channels_of(const DecodedChunk& chunk);
  /// Its messages of channels that are described; of none: nothing is added.
  void add_chunk(const Place& place, const DecodedChunk& chunk);

  /// Ends it. @param summary as above: what it names and is not there is lost.
  [[nodiscard]] Contents finish(std::uint64_t file_bytes, const Contents* summary);

 private:
  void count(ChannelId channel, core::Nanoseconds log_time_ns);

  Contents contents_;
  Recovery recovery_;
  std::uint64_t stretch_;  // of messages outside chunks that become one extent
  std::bitset<65536> seen_;
  std::vector<ChannelId> channels_;  // those in seen_
  bool in_stretch_{false};           // the last extent is one, and may grow
};

}  // namespace takt::trajectory::mcap::internal
