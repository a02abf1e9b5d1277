#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "takt/bus/internal/sequence_gaps.hpp"
#include "takt/transports/udp/internal/datagram.hpp"

namespace takt::udp::internal {

/// Makes messages of fragments. One unfinished message per sender, the newest; memory is what has come, not what was
/// promised, and bounded. One thread.
class Reassembly {
 public:
  explicit Reassembly(std::size_t max_bytes) noexcept : max_bytes_(max_bytes) {}

  /// The whole message, when this fragment was its last missing one.
  [[nodiscard]] std::optional<std::vector<std::byte>> add(const Datagram& fragment);

  /// Memory of unfinished messages.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct Unfinished {
    std::uint64_t sequence{0};
    std::uint32_t message_bytes{0};
    std::uint16_t fragment_bytes{0};
    std::uint64_t touched{0};
    std::size_t held{0};            // bytes here, as counted in bytes_
    std::size_t next{0};            // the first fragment that `joined` does not have
    std::vector<std::byte> joined;  // fragments 0 … next − 1
    std::map<std::size_t, std::vector<std::byte>> early;
  };
  using Messages = std::unordered_map<bus::internal::EndpointId, Unfinished, bus::internal::EndpointIdHash>;

  void begin(Unfinished& message, const Datagram& fragment);
  void keep(Unfinished& message, const Datagram& fragment);
  void erase(Messages::iterator message);
  void make_room();

  std::size_t max_bytes_;
  std::size_t bytes_{0};
  std::uint64_t touches_{0};
  Messages messages_;
};

}  // namespace takt::udp::internal
