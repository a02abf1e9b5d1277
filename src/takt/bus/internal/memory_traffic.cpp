// What a memory network carries: see memory_hub.hpp. What it is made of is in memory_hub.cpp.
#include <algorithm>

#include "takt/bus/internal/memory_hub.hpp"

namespace takt::bus::internal {

/// A message on its way to one endpoint. Whoever holds it keeps the room it will need.
struct MemoryHub::Delivery {
  std::shared_ptr<MemoryEndpoint> to;
  std::shared_ptr<int> on_the_way;
  MemoryMessage message;
};

MemoryMessage MemoryHub::make_message(MemoryEndpoint& from, Bytes bytes) {
  MemoryMessage message{
      .bytes = std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end()), .info = {}, .request = {}};
  message.info.source_wall_ns = core::wall_now_ns();
  message.info.sender = from.info.id;
  message.info.sequence = ++from.sequence;
  return message;
}

bool MemoryHub::has_room(const MemoryEndpoint& to) {
  return to.inbox.has_room(static_cast<std::size_t>(to.on_the_way.use_count() - 1));
}

Expected<void, SendError> MemoryHub::publish(MemoryEndpoint& from, Bytes bytes) {
  if (bytes.size() > options_.max_message_bytes) {
    return Unexpected(SendError::kTooLarge);
  }
  Happened happened;
  {
    const std::scoped_lock lock(mutex_);
    const bool reliable = from.info.qos.reliability == Reliability::kReliable;
    const auto is_full = [&](const MemoryEndpoint* to) {
      return reliable && to->info.qos.reliability == Reliability::kReliable && !has_room(*to);
    };
    if (std::ranges::any_of(from.peers, is_full)) {  // all get it or none, so that trying again repeats nothing
      from.wants_room = true;
      return Unexpected(SendError::kWouldBlock);
    }
    const MemoryMessage message = make_message(from, bytes);
    if (from.info.qos.durability == Durability::kTransientLocal) {
      from.retained.push_back(message);
      if (from.retained.size() > (from.info.qos.depth == 0 ? options_.room : from.info.qos.depth)) {
        from.retained.pop_front();
      }
    }
    for (MemoryEndpoint* const to : from.peers) {
      const bool sure = reliable && to->info.qos.reliability == Reliability::kReliable;
      if (sure || !options_.lose || !options_.lose(from.host, to->host, from.info.name)) {
        send(*to, message, happened);
      }
    }
  }
  say(happened);
  return {};
}

Expected<RequestId, SendError> MemoryHub::request(MemoryEndpoint& from, Bytes bytes) {
  if (bytes.size() > options_.max_message_bytes) {
    return Unexpected(SendError::kTooLarge);
  }
  Happened happened;
  RequestId id{.client = from.info.id};
  {
    const std::scoped_lock lock(mutex_);
    if (from.peers.empty() || !has_room(*from.peers.front())) {
      from.wants_room = true;
      return Unexpected(SendError::kWouldBlock);
    }
    MemoryMessage message = make_message(from, bytes);
    id.sequence = static_cast<std::int64_t>(message.info.sequence);
    message.request = id;
    send(*from.peers.front(), message, happened);  // of several servers, the one found first
  }
  say(happened);
  return id;
}

Expected<void, SendError> MemoryHub::reply(MemoryEndpoint& from, const RequestId& id, Bytes bytes) {
  if (bytes.size() > options_.max_message_bytes) {
    return Unexpected(SendError::kTooLarge);
  }
  Happened happened;
  {
    const std::scoped_lock lock(mutex_);
    const auto client =
        std::ranges::find(from.peers, id.client, [](const MemoryEndpoint* one) { return one->info.id; });
    if (client == from.peers.end()) {
      return Unexpected(SendError::kNoPeer);
    }
    if (!has_room(**client)) {
      from.wants_room = true;
      return Unexpected(SendError::kWouldBlock);
    }
    MemoryMessage message = make_message(from, bytes);
    message.request = id;
    send(**client, message, happened);
  }
  say(happened);
  return {};
}

void MemoryHub::send(MemoryEndpoint& to, const MemoryMessage& message, Happened& happened) {
  if (!options_.carry) {
    arrive(to, message, happened);
    return;
  }
  const auto delivery = std::make_shared<Delivery>(shared(to), to.on_the_way, message);
  happened.to_carry.emplace_back([hub = shared_from_this(), delivery] { hub->deliver(*delivery); });
}

void MemoryHub::deliver(Delivery& delivery) {
  Happened happened;
  {
    const std::scoped_lock lock(mutex_);
    const std::shared_ptr<MemoryEndpoint> to = std::exchange(delivery.to, nullptr);
    delivery.on_the_way.reset();
    const auto is_sender = [&](const MemoryEndpoint* peer) { return peer->info.id == delivery.message.info.sender; };
    if (!to || std::ranges::none_of(to->peers, is_sender)) {
      return;  // delivered already, or one end has gone, or the link was cut
    }
    arrive(*to, delivery.message, happened);
  }
  say(happened);
}

void MemoryHub::arrive(MemoryEndpoint& to, MemoryMessage message, Happened& happened) {
  if (to.info.kind == EndpointInfo::Kind::kSubscription) {
    const auto missing = to.heard.advance(message.info.sender, message.info.sequence);
    if (!missing) {
      return;  // heard before the link was cut, or overtaken
    }
    to.inbox.add_lost(*missing);
  }
  message.info.received_ns = core::monotonic_now_ns();
  if (to.inbox.push(std::move(message))) {
    to.gate.post_data();
    happened.gates.emplace_back(shared(to), &to.gate);
  }
}

bool MemoryHub::take(MemoryEndpoint& at, const OnRequest& visit) {
  const std::optional<MemoryMessage> message = at.inbox.take();
  if (!message) {
    return false;
  }
  Happened happened;
  {
    const std::scoped_lock lock(mutex_);
    for (MemoryEndpoint* const peer : at.peers) {
      if (std::exchange(peer->wants_room, false)) {
        peer->gate.post_writable();
        happened.gates.emplace_back(shared(*peer), &peer->gate);
      }
    }
  }
  visit(message->request, *message->bytes, message->info);
  say(happened);
  return true;
}

std::int64_t MemoryHub::lost_before(const MemoryEndpoint& client) const {
  const std::scoped_lock lock(mutex_);
  return static_cast<std::int64_t>(client.asked_from);
}

Matched MemoryHub::matched(const MemoryEndpoint& endpoint) const {
  const std::scoped_lock lock(mutex_);
  return {.current = endpoint.peers.size(), .total = endpoint.total_matched};
}

}  // namespace takt::bus::internal
