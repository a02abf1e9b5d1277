#include "takt/transports/udp/internal/endpoints.hpp"

#include <algorithm>

#include "takt/bus/internal/matching.hpp"

namespace takt::udp::internal {
namespace {

/// Types that a subscription names as wrong, before it only drops them: whoever sends can invent names.
constexpr std::size_t kMaxRefused = 16;

void refuse(Reader& reader, const bus::TypeId& type, const Address& from) {
  if (reader.refused.size() >= kMaxRefused || !reader.refused.insert(type.name).second) {
    return;
  }
  bus::TopicEndpoint publisher = reader.topic;
  publisher.type = type;
  publisher.node = text_of(from);
  if (auto mismatch = bus::internal::find_mismatch(publisher, reader.topic)) {
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

void Readers::find(const Datagram& datagram, const Address& from, std::vector<std::shared_ptr<Reader>>& found) {
  found.clear();
  {
    const std::scoped_lock lock(mutex_);
    const auto at = by_topic_.find(datagram.topic);
    if (at == by_topic_.end()) {
      return;
    }
    found = at->second;
  }
  const auto is_the_same = [&](const std::shared_ptr<Reader>& reader) {
    return reader->topic.type.name == datagram.type && reader->topic.type.hash == datagram.hash;
  };
  if (std::ranges::all_of(found, is_the_same)) {
    return;  // as a rule, and without memory for a name
  }
  const bus::TypeId type{.name = std::string(datagram.type), .hash = datagram.hash};
  std::erase_if(found, [&](const std::shared_ptr<Reader>& reader) {
    const bool fits = bus::internal::same_type(type, reader->topic.type);
    if (!fits) {
      mistyped_ += datagram.index == 0 ? 1 : 0;
      refuse(*reader, type, from);
      reader->gate.run();
    }
    return !fits;
  });
}

}  // namespace takt::udp::internal
