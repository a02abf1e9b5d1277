#include "takt/transports/udp/internal/peers.hpp"

#include <algorithm>
#include <utility>

namespace takt::udp::internal {

Peers::Peers(std::vector<Address> fixed, bool learns) : fixed_(std::move(fixed)), learns_(learns) {
  publish_list();
}

Peers::List Peers::list() const {
  const std::scoped_lock lock(mutex_);
  return list_;
}

void Peers::heard(const Address& from, core::Nanoseconds now_ns) {
  if (!learns_) {
    return;
  }
  const std::scoped_lock lock(mutex_);
  const auto known = std::ranges::find_if(learned_, [&](const Learned& one) { return same(one.address, from); });
  if (known != learned_.end()) {
    known->heard_ns = now_ns;
  } else if (learned_.size() < kMax) {
    learned_.push_back({.address = from, .heard_ns = now_ns});
    publish_list();
  }
}

void Peers::forget_silent(core::Nanoseconds now_ns) {
  const std::scoped_lock lock(mutex_);
  if (std::erase_if(learned_, [&](const Learned& one) { return now_ns - one.heard_ns > kKeep_ns; }) > 0) {
    publish_list();
  }
}

void Peers::publish_list() {
  auto list = std::make_shared<std::vector<Address>>(fixed_);
  for (const Learned& one : learned_) {
    list->push_back(one.address);
  }
  list_ = std::move(list);
}

}  // namespace takt::udp::internal
