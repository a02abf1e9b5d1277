#include "takt/trajectory/mcap/internal/definitions.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/mcap/internal/limits.hpp"
#include "takt/trajectory/mcap/internal/records.hpp"

namespace takt::trajectory::mcap::internal {
namespace {

constexpr std::uint64_t kAgainEvery = 64;                 // chunks
constexpr std::size_t kMostAgain = std::size_t{1} << 16;  // bytes: a file of thousands of channels would grow by them

// Soon after the file's begin, where a loss would cost most, and then now and again.
bool says_all_again(std::uint64_t chunk) {
  return chunk > 0 && (std::has_single_bit(chunk) || chunk % kAgainEvery == 0);
}

std::size_t place_in(SchemaId id) {
  return static_cast<std::size_t>(id) - 1;
}

auto value_of(const Schema& schema) {
  return std::tie(schema.name, schema.encoding, schema.data);
}

auto value_of(const Channel& channel) {
  return std::tie(channel.schema, channel.topic, channel.message_encoding, channel.metadata);
}

using Places = std::vector<std::uint16_t>;

// Where it stands in `by_value`, the places in `all` by rising value; or where it would.
template <class T>
Places::const_iterator find(const Places& by_value, const std::vector<T>& all, const T& value) {
  const auto less = [&](std::uint16_t place, const T& sought) { return value_of(all[place]) < value_of(sought); };
  return std::lower_bound(by_value.begin(), by_value.end(), value, less);
}

template <class T>
bool is_at(Places::const_iterator place, const Places& by_value, const std::vector<T>& all, const T& value) {
  return place != by_value.end() && value_of(all[*place]) == value_of(value);
}

}  // namespace

SchemaId Definitions::add_schema(std::string_view name, std::string_view encoding, ByteView data) {
  Schema schema{.name = std::string(name), .encoding = std::string(encoding), .data = {data.begin(), data.end()}};
  const auto place = find(schemas_by_value_, schemas_, schema);
  if (is_at(place, schemas_by_value_, schemas_, schema)) {
    return schemas_[*place].id;
  }
  require_room(schemas_.size(), "schemas");
  require_length(name.size() + encoding.size() + data.size(), "a schema");
  schema.id = static_cast<SchemaId>(schemas_.size() + 1);
  schemas_by_value_.insert(place, static_cast<std::uint16_t>(schemas_.size()));
  schemas_.push_back(std::move(schema));
  schema_announced_.push_back(false);
  return schemas_.back().id;
}

ChannelId Definitions::add_channel(Channel channel) {
  if (channel.schema != kNoSchema && place_in(channel.schema) >= schemas_.size()) {
    throw LogicError(
        fmt::format("channel {}: there is no schema {}", channel.topic, static_cast<std::uint16_t>(channel.schema)));
  }
  const auto place = find(channels_by_value_, channels_, channel);
  if (is_at(place, channels_by_value_, channels_, channel)) {
    return channels_[*place].id;
  }
  require_room(channels_.size(), "channels");
  require_length(channel.topic.size() + channel.message_encoding.size(), "a channel");
  require_lengths(channel.metadata, "a channel's metadata");
  channel.id = static_cast<ChannelId>(channels_.size() + 1);
  channels_by_value_.insert(place, static_cast<std::uint16_t>(channels_.size()));
  channels_.push_back(std::move(channel));
  channel_announced_.push_back(false);
  return channels_.back().id;
}

void Definitions::throw_unknown(ChannelId channel) {
  throw LogicError(fmt::format("there is no channel {}", static_cast<std::uint16_t>(channel)));
}

Bytes Definitions::announce(std::size_t place) {
  Bytes records;
  const Channel& channel = channels_[place];
  if (channel.schema != kNoSchema && !schema_announced_[place_in(channel.schema)]) {
    append_schema(records, schemas_[place_in(channel.schema)]);
    schema_announced_[place_in(channel.schema)] = true;
  }
  append_channel(records, channel);
  channel_announced_[place] = true;
  append_bytes(all_announced_, records);
  just_announced_ = true;
  return records;
}

ByteView Definitions::announce_again(std::uint64_t chunk) noexcept {
  const bool due = std::exchange(just_announced_, false) || says_all_again(chunk);
  return due && all_announced_.size() <= kMostAgain ? ByteView(all_announced_) : ByteView();
}

}  // namespace takt::trajectory::mcap::internal
