#include "takt/trajectory/mcap/internal/contents.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace takt::trajectory::mcap::internal {
bool Contents::add(Schema schema) {
  return schemas.add(std::move(schema));
}

bool Contents::add(Channel channel) {
  return (channel.schema == kNoSchema || find(channel.schema) != nullptr) && channels.add(std::move(channel));
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
