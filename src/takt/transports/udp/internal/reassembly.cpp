#include "takt/transports/udp/internal/reassembly.hpp"

#include <iterator>
#include <utility>

namespace takt::udp::internal {

std::optional<std::vector<std::byte>> Reassembly::add(const Datagram& fragment) {
  if (fragment.fragments() == 1) {
    return std::vector<std::byte>(fragment.payload.begin(), fragment.payload.end());
  }
  Unfinished& message = touch(fragment.sender);
  if (message.held == 0 || fragment.sequence > message.sequence) {
    begin(message, fragment);
  }
  if (fragment.sequence != message.sequence || fragment.message_bytes != message.message_bytes ||
      fragment.fragment_bytes != message.fragment_bytes || message.next == fragment.fragments()) {
    return std::nullopt;  // of an older message, of a finished one, or it contradicts the first fragment of this one
  }
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

Reassembly::Unfinished& Reassembly::touch(const bus::EndpointId& sender) {
  const auto [place, is_new] = by_sender_.try_emplace(sender);
  if (is_new) {
    messages_.emplace_back().sender = sender;
    place->second = std::prev(messages_.end());
  } else {
    messages_.splice(messages_.end(), messages_, place->second);
  }
  return *place->second;
}

void Reassembly::begin(Unfinished& message, const Datagram& fragment) {
  bytes_ -= message.held;
  message = {.sender = fragment.sender,
             .sequence = fragment.sequence,
             .message_bytes = fragment.message_bytes,
             .fragment_bytes = fragment.fragment_bytes,
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

void Reassembly::make_room() {
  while (bytes_ > max_bytes_ && !messages_.empty()) {
    bytes_ -= messages_.front().held;
    by_sender_.erase(messages_.front().sender);
    messages_.pop_front();
  }
}

}  // namespace takt::udp::internal
