#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

namespace takt::bus {

/// Names an endpoint while it lives: MessageInfo::sender, EndpointInfo::id.
using EndpointId = std::array<std::uint8_t, 16>;

struct EndpointIdHash {
  [[nodiscard]] std::size_t operator()(const EndpointId& id) const noexcept;
};

/// Tells by the senders' counts what was lost on the way. Remembers a bounded number of senders, and forgets the one
/// that was silent longest. One thread at a time.
class SequenceGaps {
 public:
  explicit SequenceGaps(std::size_t max_senders = 256) noexcept : max_senders_(max_senders) {}

  /// How many went missing between this message and the newest of its sender; none for a sender not heard before. Empty
  /// when a newer one, or this one, came already.
  [[nodiscard]] std::optional<std::uint64_t> advance(const EndpointId& sender, std::uint64_t sequence);

 private:
  struct Heard {
    std::uint64_t sequence{0};
    std::uint64_t at{0};  // in messages
  };
  void forget_the_most_silent();

  std::size_t max_senders_;
  std::uint64_t messages_{0};
  std::unordered_map<EndpointId, Heard, EndpointIdHash> senders_;
};

}  // namespace takt::bus
