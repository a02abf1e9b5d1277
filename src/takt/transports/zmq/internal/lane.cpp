#include "takt/transports/zmq/internal/lane.hpp"

#include <algorithm>
#include <utility>

namespace takt::zmq::internal {
namespace {

// A window is a round trip long: 16 messages are 1 kHz over 16 ms. A larger one lets more that is old lie before the
// newest.
constexpr std::uint64_t kWindowPerDepth = 16;

}  // namespace

Outgoing Outgoing::share() const {
  Outgoing copy{.sequence = sequence, .source_wall_ns = source_wall_ns, .payload = {}};
  copy.payload.copy(const_cast<::zmq::message_t&>(payload));  // it counts references there
  return copy;
}

std::uint32_t window_of(const bus::Qos& qos, std::size_t room) noexcept {
  const std::uint64_t wanted = qos.depth == 0 ? room : qos.depth * kWindowPerDepth;
  return static_cast<std::uint32_t>(std::min(wanted, kMaxWindow));
}

void Lane::push(Outgoing message) {
  while (!presses_back_ && !has_room()) {
    drop_oldest();  // a gap in the sequence, which the reader counts
  }
  bytes_waiting_ += message.payload.size();
  waiting_.push_back(std::move(message));
}

void Lane::drop_oldest() {
  bytes_waiting_ -= waiting_.front().payload.size();
  waiting_.pop_front();
}

std::optional<Outgoing> Lane::next() {
  if (waiting_.empty() || sent_ >= granted_ || bytes_on_the_way_ >= max_bytes_) {
    return std::nullopt;
  }
  bytes_waiting_ -= waiting_.front().payload.size();
  std::optional<Outgoing> message(std::move(waiting_.front()));
  waiting_.pop_front();
  presses_back_ = presses_back_ || (rule_.presses_back && waiting_.empty());
  ++sent_;
  sizes_.push_back(message->payload.size());
  bytes_on_the_way_ += sizes_.back();
  return message;
}

void Lane::grant(std::uint64_t received, std::uint64_t granted) {
  const std::uint64_t before = sent_ - sizes_.size();
  if (std::min(received, sent_) > before || std::min(granted, sent_ + kMaxWindow) > granted_) {
    stuck_since_ns_ = 0;
  }
  for (std::uint64_t i = before; i < std::min(received, sent_); ++i) {
    bytes_on_the_way_ -= sizes_.front();
    sizes_.pop_front();
  }
  granted_ = std::max(granted_, std::min(granted, sent_ + kMaxWindow));
}

bool Lane::lose_patience(core::Nanoseconds now_ns, core::Nanoseconds patience_ns) noexcept {
  if (!is_full()) {
    stuck_since_ns_ = 0;
    return false;
  }
  if (stuck_since_ns_ == 0) {
    stuck_since_ns_ = now_ns;
  }
  presses_back_ = now_ns - stuck_since_ns_ < patience_ns;
  return !presses_back_;
}

bool Reception::receive(std::uint64_t position, std::size_t bytes) noexcept {
  if (position != received_ + 1 || position > granted_ || bytes_unsaid_ >= kMaxBytesOfAllOnTheWay) {
    return false;
  }
  received_ = position;
  bytes_unsaid_ += bytes;
  return true;
}

bool Reception::regrant(std::uint64_t window) noexcept {
  const std::uint64_t outstanding = granted_ - received_;
  const bool more = window > outstanding && 2 * outstanding <= window;
  if (!more && bytes_unsaid_ < kMaxBytesOnTheWay / 2) {
    return false;
  }
  bytes_unsaid_ = 0;
  granted_ = std::max(granted_, received_ + window);
  return true;
}

}  // namespace takt::zmq::internal
