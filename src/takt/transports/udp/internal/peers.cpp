#include "takt/transports/udp/internal/peers.hpp"

#include <algorithm>
#include <map>
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
    return;
  }
  if (learned_.size() == kMax) {
    give_one_up();
  }
  learned_.push_back({.address = from, .heard_ns = now_ns});
  publish_list();
}

void Peers::give_one_up() {
  std::map<in_addr_t, std::size_t> ports;
  for (const Learned& one : learned_) {
    ++ports[one.address.sin_addr.s_addr];
  }
  learned_.erase(std::ranges::min_element(learned_, {}, [&](const Learned& one) {
    return std::pair(learned_.size() - ports[one.address.sin_addr.s_addr], one.heard_ns);
  }));
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
