#include "takt/trajectory/mcap/internal/contents.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace takt::trajectory::mcap::internal {
namespace {

constexpr std::uint64_t kEntry = 128;  // of a map, or what holds a value, beside its bytes

std::uint64_t bytes_of(const Schema& schema) {
  return kEntry + schema.name.size() + schema.encoding.size() + schema.data.size();
}

std::uint64_t bytes_of(const Channel& channel) {
  std::uint64_t bytes = kEntry + channel.topic.size() + channel.message_encoding.size();
  for (const auto& [key, value] : channel.metadata) {
    bytes += kEntry + key.size() + value.size();
  }
  return bytes;
}

// One that is there already takes no room.
template <class T>
bool add_within(ById<T>& all, T value, std::uint64_t& held) {
  const std::uint64_t bytes = all.find(value.id) == nullptr ? bytes_of(value) : 0;
  if (bytes > kMostDefinitions - held || !all.add(std::move(value))) {
    return false;
  }
  held += bytes;
  return true;
}

}  // namespace

bool Contents::add(Schema schema) {
  return add_within(schemas, std::move(schema), definition_bytes);
}

bool Contents::add(Channel channel) {
  return (channel.schema == kNoSchema || find(channel.schema) != nullptr) &&
         add_within(channels, std::move(channel), definition_bytes);
}

void Contents::sort() {
  schemas.sort();
  channels.sort();
  const auto key = [](const Extent& extent) { return std::tie(extent.start_ns, extent.offset); };
  if (!std::ranges::is_sorted(extents, {}, key)) {
    std::ranges::sort(extents, {}, key);
  }
  latest_end_ns.resize(extents.size());
  core::Nanoseconds latest = 0;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    latest = std::max(latest, extents[i].end_ns);
    latest_end_ns[i] = latest;
  }
}

void require_magic(Source& source) {
  std::array<std::byte, kMagic.size()> start{};
  if (source.size() < start.size()) {
    throw ConfigError(source.name(), 0, "", "is no MCAP file: it has " + std::to_string(source.size()) + " bytes");
  }
  source.read(0, start);
  if (!std::ranges::equal(start, std::as_bytes(std::span(kMagic)))) {
    throw ConfigError(source.name(), 0, "", "is no MCAP file: it does not begin as one");
  }
}

}  // namespace takt::trajectory::mcap::internal
