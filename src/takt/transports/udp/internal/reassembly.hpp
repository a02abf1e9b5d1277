#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "takt/bus/sequence_gaps.hpp"
#include "takt/transports/udp/internal/datagram.hpp"

namespace takt::udp::internal {

/// Makes messages of fragments. One unfinished message per sender, the newest; memory is what has come, not what was
/// promised, and bounded. What a fragment costs does not depend on how many senders there are. One thread.
class Reassembly {
 public:
  /// What one entry counts beside its bytes, so that many tiny ones are bounded too.
  static constexpr std::size_t kEntryBytes = 256;

  explicit Reassembly(std::size_t max_bytes) noexcept : max_bytes_(max_bytes) {}

  /// The whole message, when this fragment was its last missing one.
  [[nodiscard]] std::optional<std::vector<std::byte>> add(const Datagram& fragment);

  /// Memory of unfinished messages.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct Unfinished {
    bus::EndpointId sender{};
    std::uint64_t sequence{0};
    std::uint32_t message_bytes{0};
    std::uint16_t fragment_bytes{0};
    std::size_t held{0};            // bytes here, as counted in bytes_
    std::size_t next{0};            // the first fragment that `joined` does not have
    std::vector<std::byte> joined;  // fragments 0 … next − 1
    std::map<std::size_t, std::vector<std::byte>> early;
  };
  using Messages = std::list<Unfinished>;  // the longest untouched first

  Unfinished& touch(const bus::EndpointId& sender);
  void begin(Unfinished& message, const Datagram& fragment);
  void keep(Unfinished& message, const Datagram& fragment);
  void make_room();

  std::size_t max_bytes_;
  std::size_t bytes_{0};
  Messages messages_;
  std::unordered_map<bus::EndpointId, Messages::iterator, bus::EndpointIdHash> by_sender_;
};

}  // namespace takt::udp::internal
