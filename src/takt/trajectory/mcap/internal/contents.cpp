#include "takt/trajectory/mcap/internal/contents.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace takt::trajectory::mcap::internal {
namespace {

template <class T, class Id>
const T* find_by_id(const std::vector<T>& sorted, Id id) noexcept {
  const auto found = std::ranges::lower_bound(sorted, id, {}, &T::id);
  return found != sorted.end() && found->id == id ? &*found : nullptr;
}

template <class T>
bool add_by_id(std::vector<T>& sorted, T value) {
  const auto place = std::ranges::lower_bound(sorted, value.id, {}, &T::id);
  if (place != sorted.end() && place->id == value.id) {
    return *place == value;
  }
  sorted.insert(place, std::move(value));
  return true;
}

}  // namespace

const Schema* Contents::find(SchemaId id) const noexcept {
  return find_by_id(schemas, id);
}

const Channel* Contents::find(ChannelId id) const noexcept {
  return find_by_id(channels, id);
}

bool Contents::add(Schema schema) {
  return add_by_id(schemas, std::move(schema));
}

bool Contents::add(Channel channel) {
  return (channel.schema == kNoSchema || find(channel.schema) != nullptr) && add_by_id(channels, std::move(channel));
}

void Contents::sort_extents() {
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
