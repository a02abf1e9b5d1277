#include "takt/trajectory/mcap/internal/definitions.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/mcap/internal/limits.hpp"
#include "takt/trajectory/mcap/internal/records.hpp"

namespace takt::trajectory::mcap::internal {
namespace {

std::size_t place_in(SchemaId id) {
  return static_cast<std::size_t>(id) - 1;
}

}  // namespace

SchemaId Definitions::add_schema(std::string_view name, std::string_view encoding, ByteView data) {
  for (const Schema& schema : schemas_) {
    if (schema.name == name && schema.encoding == encoding && std::ranges::equal(schema.data, data)) {
      return schema.id;
    }
  }
  require_room(schemas_.size(), "schemas");
  require_length(name.size() + encoding.size() + data.size(), "a schema");
  const auto id = static_cast<SchemaId>(schemas_.size() + 1);
  schemas_.push_back({id, std::string(name), std::string(encoding), {data.begin(), data.end()}});
  schema_announced_.push_back(false);
  return id;
}

ChannelId Definitions::add_channel(Channel channel) {
  if (channel.schema != kNoSchema && place_in(channel.schema) >= schemas_.size()) {
    throw LogicError(
        fmt::format("channel {}: there is no schema {}", channel.topic, static_cast<std::uint16_t>(channel.schema)));
  }
  for (const Channel& other : channels_) {
    channel.id = other.id;
    if (channel == other) {
      return other.id;
    }
  }
  require_room(channels_.size(), "channels");
  require_length(channel.topic.size() + channel.message_encoding.size(), "a channel");
  require_lengths(channel.metadata, "a channel's metadata");
  channel.id = static_cast<ChannelId>(channels_.size() + 1);
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
  return records;
}

}  // namespace takt::trajectory::mcap::internal
