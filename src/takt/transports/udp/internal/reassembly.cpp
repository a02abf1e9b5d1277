#include "takt/transports/udp/internal/reassembly.hpp"

#include <algorithm>
#include <utility>

namespace takt::udp::internal {
namespace {

/// What one entry costs beside its bytes, so that many tiny ones are bounded too.
constexpr std::size_t kEntryBytes = 256;

}  // namespace

std::optional<std::vector<std::byte>> Reassembly::add(const Datagram& fragment) {
  if (fragment.fragments() == 1) {
    return std::vector<std::byte>(fragment.payload.begin(), fragment.payload.end());
  }
  const auto [place, is_new] = messages_.try_emplace(fragment.sender);
  Unfinished& message = place->second;
  if (is_new || fragment.sequence > message.sequence) {
    begin(message, fragment);
  }
  if (fragment.sequence != message.sequence || fragment.message_bytes != message.message_bytes ||
      fragment.fragment_bytes != message.fragment_bytes || message.next == fragment.fragments()) {
    return std::nullopt;  // of an older message, of a finished one, or it contradicts the first fragment of this one
  }
  message.touched = ++touches_;
  keep(message, fragment);
  if (message.next < fragment.fragments()) {
    make_room();
    return std::nullopt;
  }
  std::optional<std::vector<std::byte>> whole(std::move(message.joined));
  // The entry stays, empty: it tells a late copy of a fragment from a new message.
  bytes_ -= std::exchange(message.held, kEntryBytes) - kEntryBytes;
  message.joined = {};
  message.next = fragment.fragments();
  return whole;
}

void Reassembly::begin(Unfinished& message, const Datagram& fragment) {
  bytes_ -= message.held;
  message = {.sequence = fragment.sequence,
             .message_bytes = fragment.message_bytes,
             .fragment_bytes = fragment.fragment_bytes,
             .touched = 0,
             .held = kEntryBytes,
             .next = 0,
             .joined = {},
             .early = {}};
  bytes_ += message.held;
}

void Reassembly::keep(Unfinished& message, const Datagram& fragment) {
  const std::size_t index = fragment.index;
  if (index < message.next || message.early.contains(index)) {
    return;  // came twice
  }
  if (index > message.next) {
    message.early.emplace(index, std::vector(fragment.payload.begin(), fragment.payload.end()));
    message.held += fragment.payload.size() + kEntryBytes;
    bytes_ += fragment.payload.size() + kEntryBytes;
    return;
  }
  message.joined.insert(message.joined.end(), fragment.payload.begin(), fragment.payload.end());
  message.held += fragment.payload.size();
  bytes_ += fragment.payload.size();
  ++message.next;
  for (auto next = message.early.find(message.next); next != message.early.end();
       next = message.early.find(message.next)) {
    message.joined.insert(message.joined.end(), next->second.begin(), next->second.end());
    message.held -= kEntryBytes;
    bytes_ -= kEntryBytes;
    message.early.erase(next);
    ++message.next;
  }
}

void Reassembly::erase(Messages::iterator message) {
  bytes_ -= message->second.held;
  messages_.erase(message);
}

void Reassembly::make_room() {
  while (bytes_ > max_bytes_ && !messages_.empty()) {
    erase(std::ranges::min_element(messages_, {}, [](const auto& entry) { return entry.second.touched; }));
  }
}

}  // namespace takt::udp::internal
