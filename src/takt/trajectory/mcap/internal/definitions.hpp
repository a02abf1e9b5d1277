#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "takt/trajectory/mcap/internal/bytes.hpp"
#include "takt/trajectory/mcap/values.hpp"

namespace takt::trajectory::mcap::internal {

/// The schemas and channels of a file that is written, numbered from 1. What each of its calls throws, Writer says.
class Definitions {
 public:
  SchemaId add_schema(std::string_view name, std::string_view encoding, ByteView data);
  /// @param channel its number is given here.
  ChannelId add_channel(Channel channel);

  /// The channel's place in channels(). @throws LogicError: there is none.
  [[nodiscard]] std::size_t place_of(ChannelId channel) const {
    const std::size_t place = static_cast<std::size_t>(channel) - 1;
    if (place >= channels_by_value_.size()) {  // as many; theirs need no division
      throw_unknown(channel);
    }
    return place;
  }

  [[nodiscard]] bool announced(std::size_t place) const { return channel_announced_[place]; }
  /// The records that come before a channel's first message: its own, and its schema's unless another's brought it.
  [[nodiscard]] Bytes announce(std::size_t place);
  /// The records that chunk `chunk`, counted from 0, begins with: all that were announced where the chunk before it
  /// announced one, and now and then; else none. Valid until the next call of announce().
  [[nodiscard]] ByteView announce_again(std::uint64_t chunk) noexcept;

  [[nodiscard]] const std::vector<Schema>& schemas() const noexcept { return schemas_; }
  [[nodiscard]] const std::vector<Channel>& channels() const noexcept { return channels_; }

 private:
  [[noreturn]] static void throw_unknown(ChannelId channel);

  std::vector<Schema> schemas_;
  std::vector<Channel> channels_;
  std::vector<std::uint16_t> schemas_by_value_;  // places in schemas_
  std::vector<std::uint16_t> channels_by_value_;
  std::vector<bool> schema_announced_;
  std::vector<bool> channel_announced_;
  Bytes all_announced_;
  bool just_announced_{false};  // since the last announce_again()
};

}  // namespace takt::trajectory::mcap::internal
