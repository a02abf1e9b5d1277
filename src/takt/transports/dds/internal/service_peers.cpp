#include "takt/transports/dds/internal/service_peers.hpp"

#include <algorithm>

#include "takt/transports/dds/internal/participant_info.hpp"
#include "takt/transports/dds/internal/qos.hpp"
#include "takt/transports/dds/internal/user_data.hpp"

namespace takt::dds {
namespace {

/// A reader or writer that is matched with ours.
struct Match {
  dds_instance_handle_t handle{0};
  Guid guid{};
  std::string id;  // what its USER_DATA says whose it is
};

using List = dds_return_t (*)(dds_entity_t, dds_instance_handle_t*, std::size_t);
using Describe = dds_builtintopic_endpoint_t* (*)(dds_entity_t, dds_instance_handle_t);

std::vector<Match> matches_of(dds_entity_t entity, const std::string& key, List list, Describe describe) {
  std::vector<dds_instance_handle_t> handles(16);
  dds_return_t count = list(entity, handles.data(), handles.size());
  while (count > static_cast<dds_return_t>(handles.size())) {
    handles.resize(static_cast<std::size_t>(count));
    count = list(entity, handles.data(), handles.size());
  }
  handles.resize(static_cast<std::size_t>(std::max<dds_return_t>(count, 0)));
  std::vector<Match> result;
  for (const dds_instance_handle_t handle : handles) {
    if (dds_builtintopic_endpoint_t* const found = describe(entity, handle)) {
      Match match{
          .handle = handle, .guid = {}, .id = user_data_value(announced_user_data(found->qos), key).value_or("")};
      std::ranges::copy(found->key.v, match.guid.begin());
      result.push_back(std::move(match));
      dds_builtintopic_free_endpoint(found);
    }
  }
  return result;
}

bool belong_together(const Match& a, const Match& b) {
  return a.id.empty() ? b.id.empty() && same_participant(a.guid, b.guid) : a.id == b.id;
}

/// Who tells whose an endpoint is, or comes from Cyclone DDS (vendor 1.16), speaks as rmw_cyclonedds does.
Dialect dialect_of(const Match& match) {
  const bool cyclone = match.guid[0] == 0x01 && match.guid[1] == 0x10;
  return !match.id.empty() || cyclone ? Dialect::kCyclone : Dialect::kFast;
}

}  // namespace

std::optional<ServicePeer> ServicePeers::find(dds_instance_handle_t writer) {
  const std::lock_guard lock(mutex_);
  update();
  if (const auto peer = known(writer)) {
    return peer;
  }
  outdated();
  update();
  return known(writer);
}

std::optional<ServicePeer> ServicePeers::known(dds_instance_handle_t writer) const {
  const auto found = std::ranges::find(peers_, writer, &ServicePeer::writer);
  return found == peers_.end() ? std::nullopt : std::optional(*found);
}

std::optional<Dialect> ServicePeers::dialect() {
  const std::lock_guard lock(mutex_);
  update();
  return dialect_;
}

std::vector<ServicePeer> ServicePeers::all() {
  const std::lock_guard lock(mutex_);
  update();
  return peers_;
}

bus::Matched ServicePeers::matched() {
  const std::lock_guard lock(mutex_);
  update();
  return {.current = reached_, .total = total_};
}

std::int64_t ServicePeers::heard_from() {
  const std::lock_guard lock(mutex_);
  update();
  std::int64_t first = saying_.load();
  for (const ServicePeer& peer : peers_) {
    if (peer.complete) {
      first = std::min(first, once_complete_.at(peer.writer));
    }
  }
  return first;
}

void ServicePeers::update() {
  if (!outdated_.exchange(false)) {
    return;
  }
  const auto readers =
      matches_of(writer_.entity(), key_, dds_get_matched_subscriptions, dds_get_matched_subscription_data);
  peers_.clear();
  std::map<dds_instance_handle_t, std::int64_t> once_complete;
  for (const Match& match :
       matches_of(reader_.entity(), key_, dds_get_matched_publications, dds_get_matched_publication_data)) {
    const bool paired = std::ranges::any_of(readers, [&](const Match& other) { return belong_together(match, other); });
    const auto known = once_complete_.find(match.handle);
    const bool before = known != once_complete_.end();
    peers_.push_back({.writer = match.handle,
                      .guid = match.guid,
                      .dialect = dialect_of(match),
                      .complete = paired,
                      .leaving = before && !paired});
    total_ += paired && !before ? 1 : 0;
    if (paired || before) {
      once_complete.emplace(match.handle, before ? known->second : saying_.load());
    }
  }
  once_complete_ = std::move(once_complete);
  choose_dialect();
}

// What was said in the other dialect, nobody heard who does not speak it.
void ServicePeers::choose_dialect() {
  const auto speaking = [this](Dialect dialect) {
    return static_cast<std::size_t>(std::ranges::count_if(
        peers_, [dialect](const ServicePeer& peer) { return peer.complete && peer.dialect == dialect; }));
  };
  const std::size_t as_cyclone = speaking(Dialect::kCyclone);
  reached_ = as_cyclone != 0 ? as_cyclone : speaking(Dialect::kFast);
  const auto before = dialect_;
  dialect_ = reached_ == 0 ? std::nullopt : std::optional(as_cyclone != 0 ? Dialect::kCyclone : Dialect::kFast);
  if (!before || !dialect_ || before == dialect_) {
    return;
  }
  for (const ServicePeer& peer : peers_) {
    if (peer.complete && peer.dialect == dialect_) {
      once_complete_[peer.writer] = saying_.load();
    }
  }
}

}  // namespace takt::dds
