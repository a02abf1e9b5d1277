#include "takt/transports/zmq/internal/traffic.hpp"

namespace takt::zmq::internal {

void Departures::send(std::size_t bytes, std::uint64_t clock) {
  sum_ += clock;
  bytes_ += bytes;
  on_the_way_.push_back({.bytes = bytes, .proof = sum_});
}

bool Departures::confirm(std::uint64_t count, std::uint64_t proof) {
  const std::uint64_t fresh = count - confirmed_;  // of a count that is too small it is far too much
  if (fresh == 0 || fresh > on_the_way_.size() || on_the_way_[fresh - 1].proof != proof) {
    return false;
  }
  for (; confirmed_ != count; ++confirmed_) {
    bytes_ -= on_the_way_.front().bytes;
    on_the_way_.pop_front();
  }
  return true;
}

bool Arrivals::receive(std::size_t bytes, std::uint64_t clock) noexcept {
  ++count_;
  sum_ += clock;
  bytes_unsaid_ += bytes;
  ++messages_unsaid_;
  if (bytes_unsaid_ < kMaxBytesToPeer / 4 && messages_unsaid_ < kMaxMessagesToPeer / 4) {
    return false;
  }
  bytes_unsaid_ = 0;
  messages_unsaid_ = 0;
  return true;
}

}  // namespace takt::zmq::internal
