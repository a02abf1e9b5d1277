#include "takt/transports/zmq/internal/lane.hpp"

#include <algorithm>
#include <utility>

namespace takt::zmq::internal {
namespace {

// A window is a round trip long: 16 messages are 1 kHz over 16 ms. A larger one lets more that is old lie before the
// newest.
constexpr std::uint64_t kWindowPerDepth = 16;
constexpr std::uint64_t kMaxWindowOfDepth = 1024;

bus::Bytes bytes_of(const ::zmq::message_t& message) {
  return {static_cast<const std::byte*>(message.data()), message.size()};
}

}  // namespace

Outgoing Outgoing::share() const {
  Outgoing copy{.sequence = sequence, .source_wall_ns = source_wall_ns, .payload = {}};
  copy.payload.copy(const_cast<::zmq::message_t&>(payload));  // it counts references there
  return copy;
}

std::uint32_t window_of(const bus::Qos& qos, std::size_t room) noexcept {
  return static_cast<std::uint32_t>(qos.depth == 0 ? std::min<std::uint64_t>(room, kMaxWindow)
                                                   : std::min(qos.depth * kWindowPerDepth, kMaxWindowOfDepth));
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

Outgoing Lane::pop_oldest() {
  Outgoing message = std::move(waiting_.front());
  waiting_.pop_front();
  bytes_waiting_ -= message.payload.size();
  presses_back_ = presses_back_ || (rule_.presses_back && waiting_.empty());
  return message;
}

void Lane::count_as_sent(std::size_t bytes) noexcept {
  ++sent_;
  bytes_on_the_way_ += bytes;
}

bool Lane::pack(std::uint64_t sequence, std::uint64_t clock, bus::Bytes message) {
  if (!waiting_.empty() || !may_go() || !parcel_.takes(sequence, clock, message.size())) {
    return false;
  }
  parcel_.add(sequence, clock, message);
  count_as_sent(message.size());
  return true;
}

Lane::Due Lane::pack() {
  while (!waiting_.empty() && may_go()) {
    const Outgoing& oldest = waiting_.front();
    if (!parcel_.takes(oldest.sequence, oldest.source_wall_ns, oldest.payload.size())) {
      return parcel_.is_empty() ? Due::kSingle : Due::kParcel;
    }
    const Outgoing message = pop_oldest();
    parcel_.add(message.sequence, message.source_wall_ns, bytes_of(message.payload));
    count_as_sent(message.payload.size());
  }
  if (parcel_.is_empty()) {
    return Due::kNothing;
  }
  return may_go() ? Due::kMore : Due::kParcel;
}

void Lane::empty_parcel() {
  on_the_way_.push_back({.position = sent_, .bytes = parcel_.message_bytes()});
  parcel_.clear();
}

Outgoing Lane::next() {
  Outgoing message = pop_oldest();
  count_as_sent(message.payload.size());
  on_the_way_.push_back({.position = sent_, .bytes = message.payload.size()});
  return message;
}

void Lane::grant(std::uint64_t received, std::uint64_t granted) {
  received = std::min(received, sent_ - parcel_.count());
  granted = std::min(granted, sent_ + kMaxWindow);
  if (received > received_ || granted > granted_) {
    stuck_since_ns_ = 0;
  }
  received_ = std::max(received_, received);
  granted_ = std::max(granted_, granted);
  while (!on_the_way_.empty() && on_the_way_.front().position <= received_) {
    bytes_on_the_way_ -= on_the_way_.front().bytes;
    on_the_way_.pop_front();
  }
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

bool Reception::receive(std::uint64_t position, std::uint64_t count, std::size_t bytes) noexcept {
  if (position != received_ + 1 || count > granted_ - received_ || bytes_unsaid_ >= kMaxBytesOfAllOnTheWay) {
    return false;
  }
  received_ += count;
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
