#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <vector>

#include "takt/transports/zmq/internal/header.hpp"
#include "takt/transports/zmq/internal/lane.hpp"
#include "takt/transports/zmq/internal/traffic.hpp"

namespace takt::zmq::internal {

inline void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

/// What a lane has to hold to, beside it: of what was sent.
struct LaneModel {
  struct Sent {
    std::uint64_t position{0};
    std::size_t bytes{0};
  };
  LaneModel() = default;
  explicit LaneModel(std::uint64_t window) : granted(std::min(window, kMaxWindow)) {}

  void send(std::uint64_t first, std::size_t count, std::size_t message_bytes) {
    require(bytes < kMaxBytesOfAllOnTheWay && first > newest);
    newest = first + count - 1;
    sent += count;
    way.push_back({.position = sent, .bytes = message_bytes});
    bytes += message_bytes;
  }
  /// @param position  of the lane
  void grant(std::uint64_t received, std::uint64_t more, std::uint64_t position) {
    while (!way.empty() && way.front().position <= received) {
      bytes -= way.front().bytes;
      way.pop_front();
    }
    granted = std::max(granted, std::min(more, position + kMaxWindow));
  }

  std::uint64_t granted{0};
  std::uint64_t sent{0};
  std::uint64_t newest{0};
  std::deque<Sent> way;  // what is on it
  std::size_t bytes{0};
};

/// What goes to one process and comes from there, and all that a receipt may prove.
struct Traffic {
  void send(std::size_t bytes, std::uint64_t clock) {
    departures.send(bytes, clock);
    proofs.push_back(proofs.back() + clock);
    require(proofs.size() - 1 - confirmed <= kMaxMessagesToPeer);
  }
  void confirm(const Header& header) {
    if (departures.confirm(header.position, header.sequence)) {
      require(header.position > confirmed && header.position < proofs.size());
      require(header.sequence == proofs[header.position]);
      confirmed = header.position;
    }
  }

  Departures departures;
  Arrivals arrivals;
  std::vector<std::uint64_t> proofs{0};  // after so many messages
  std::uint64_t confirmed{0};
};

}  // namespace takt::zmq::internal
