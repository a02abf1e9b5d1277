#include "takt/transports/udp/internal/endpoints.hpp"

#include <algorithm>

#include "takt/bus/matching.hpp"

namespace takt::udp::internal {
namespace {

/// Types that a subscription names as wrong, before it only drops them: whoever sends can invent names.
constexpr std::size_t kMaxRefused = 16;

void refuse(Reader& reader, const bus::TypeId& type) {
  if (reader.refused.size() >= kMaxRefused || !reader.refused.insert(type.name).second) {
    return;
  }
  bus::TopicEndpoint publisher = reader.topic;
  publisher.type = type;
  publisher.node.clear();
  if (auto mismatch = bus::find_mismatch(publisher, reader.topic)) {
    reader.gate.post_incompatible(std::move(*mismatch));
  }
}

}  // namespace

void Readers::add(const std::shared_ptr<Reader>& reader) {
  const std::scoped_lock lock(mutex_);
  by_topic_[reader->topic.name].push_back(reader);
}

void Readers::remove(const std::shared_ptr<Reader>& reader) {
  const std::scoped_lock lock(mutex_);
  const auto at = by_topic_.find(reader->topic.name);
  std::erase(at->second, reader);
  if (at->second.empty()) {
    by_topic_.erase(at);
  }
}

std::vector<std::shared_ptr<Reader>> Readers::find(const Datagram& datagram) {
  std::vector<std::shared_ptr<Reader>> found;
  {
    const std::scoped_lock lock(mutex_);
    const auto at = by_topic_.find(datagram.topic);
    if (at == by_topic_.end()) {
      return found;
    }
    found = at->second;
  }
  const bus::TypeId type{.name = std::string(datagram.type), .hash = datagram.hash};
  std::erase_if(found, [&](const std::shared_ptr<Reader>& reader) {
    const bool fits = bus::same_type(type, reader->topic.type);
    if (!fits) {
      refuse(*reader, type);
      reader->gate.run();
    }
    return !fits;
  });
  return found;
}

}  // namespace takt::udp::internal
