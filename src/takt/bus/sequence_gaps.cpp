#include "takt/bus/sequence_gaps.hpp"

#include <algorithm>
#include <cstring>

namespace takt::bus {

std::size_t EndpointIdHash::operator()(const EndpointId& id) const noexcept {
  std::array<std::uint64_t, 2> words{};
  std::memcpy(words.data(), id.data(), id.size());
  // The halves are a process's random number and its count of endpoints: spread by the golden ratio.
  return static_cast<std::size_t>((words[0] ^ (words[1] * 0x9e3779b97f4a7c15U)) * 0x9e3779b97f4a7c15U);
}

std::optional<std::uint64_t> SequenceGaps::advance(const EndpointId& sender, std::uint64_t sequence) {
  ++messages_;
  const auto known = senders_.find(sender);
  if (known == senders_.end()) {
    if (senders_.size() >= max_senders_) {
      forget_the_most_silent();
    }
    senders_.emplace(sender, Heard{.sequence = sequence, .at = messages_});
    return 0;
  }
  Heard& heard = known->second;
  if (sequence <= heard.sequence) {
    return std::nullopt;
  }
  const std::uint64_t missing = sequence - heard.sequence - 1;
  heard = {.sequence = sequence, .at = messages_};
  return missing;
}

void SequenceGaps::forget_the_most_silent() {
  const auto oldest = std::min_element(senders_.begin(), senders_.end(),
                                       [](const auto& a, const auto& b) { return a.second.at < b.second.at; });
  if (oldest != senders_.end()) {
    senders_.erase(oldest);
  }
}

}  // namespace takt::bus
