// What goes out by the lanes of an endpoint, and what is granted to those who send to it.
#include <algorithm>

#include <fmt/format.h>

#include "takt/transports/zmq/internal/link.hpp"

namespace takt::zmq::internal {
namespace {

bool keeps(const Announcement& endpoint) {
  return endpoint.qos.durability == bus::Durability::kTransientLocal;
}
bool is_reliable(const Announcement& endpoint) {
  return endpoint.qos.reliability == bus::Reliability::kReliable;
}

Header::Kind content_of(Kind sender) {
  return sender == Kind::kPublisher ? Header::Kind::kData
         : sender == Kind::kClient  ? Header::Kind::kRequest
                                    : Header::Kind::kReply;
}

/// A reader that keeps the last presses nobody back, and who keeps the last is pressed back by nobody; requests and
/// replies must all arrive.
Lane::Rule rule_of(const Announcement& from, const Announcement& to, int queue) {
  const bool is_topic = from.kind == Kind::kPublisher;
  const bool keeps_all = !is_topic || to.qos.depth == 0;
  return {.room = keeps_all ? static_cast<std::size_t>(queue) : to.qos.depth,
          .presses_back = keeps_all && (!is_topic || (from.qos.depth == 0 && is_reliable(from) && is_reliable(to))),
          .window = to.window};
}

Outgoing outgoing(std::uint64_t sequence, bus::Bytes bytes) {
  return {.sequence = sequence,
          .source_wall_ns = static_cast<std::uint64_t>(core::wall_now_ns()),
          .payload = ::zmq::message_t(bytes.data(), bytes.size())};
}

bool may_send(const Local& from) {
  const auto is_full = [](const auto& entry) { return entry.second.is_full(); };
  if (from.is.kind == Kind::kServer) {  // it waits for one of its clients, which may be any
    return from.lanes.empty() || !std::ranges::all_of(from.lanes, is_full);
  }
  if (from.is.kind == Kind::kClient) {
    const auto lane = from.matched.empty() ? from.lanes.end() : from.lanes.find(from.matched.front());
    return lane != from.lanes.end() && !lane->second.is_full();
  }
  return std::ranges::none_of(from.lanes, is_full);
}

}  // namespace

void Link::pump(const Local& from, const EndpointId& to, Lane& lane) {
  const auto peer = peers_.find(process_of(to));
  if (peer == peers_.end()) {
    return;  // it has gone, and is to be forgotten
  }
  while (!lane.is_empty()) {
    if (!peer->second.departures.may_send()) {
      peer->second.held_up = true;
      return;
    }
    auto message = lane.next();
    if (!message) {
      return;
    }
    peer->second.departures.send(message->payload.size(), message->source_wall_ns);
    Header header;
    header.kind = content_of(from.is.kind);
    header.from = number_of(from.is.id);
    header.to = number_of(to);
    header.position = lane.position();
    header.sequence = message->sequence;
    header.source_wall_ns = message->source_wall_ns;
    send(peer->first, header, std::move(message->payload));
  }
}

void Link::pump_all(std::uint64_t process) {
  for (const auto& [id, local] : directory_.locals()) {
    for (auto& [reader, lane] : local->lanes) {
      if (process_of(reader) == process) {
        pump(*local, reader, lane);
      }
    }
    tell_when_writable(local);
  }
}

void Link::on_matched(Local& local, const Announcement& remote) {
  if (local.is.kind != Kind::kPublisher) {
    local.receptions.insert_or_assign(remote.id, Reception(local.is.window));
  }
  if (local.is.kind == Kind::kSubscription) {
    return;
  }
  Lane& lane = local.lanes.insert_or_assign(remote.id, Lane(rule_of(local.is, remote, options_.queue))).first->second;
  if (keeps(local.is) && keeps(remote)) {
    for (const Outgoing& message : local.kept) {
      lane.push(message.share());
    }
    pump(local, remote.id, lane);
  }
}

void Link::tell_when_writable(const std::shared_ptr<Local>& local) {
  if (local->wants_room && may_send(*local)) {
    local->wants_room = false;
    local->gate.post_writable();
    to_tell_.push_back(local);
  }
}

/// Of those who wait for room: a reader without progress holds up no others.
void Link::lose_patience() {
  const core::Nanoseconds now_ns = core::monotonic_now_ns();
  for (const auto& [id, local] : directory_.locals()) {
    if (!local->wants_room || local->is.kind != Kind::kPublisher) {
      continue;
    }
    for (auto& [reader, lane] : local->lanes) {
      if (lane.lose_patience(now_ns, core::Nanoseconds{options_.patience_ms} * 1'000'000) &&
          patience_gate_.pass(now_ns)) {
        core::log(
            core::LogLevel::kWarning,
            fmt::format("zmq: '{}': a reader that keeps all took nothing for {} ms; it is waited for no more, and "
                        "loses what is older",
                        local->is.name, options_.patience_ms));
      }
    }
    tell_when_writable(local);
  }
}

Expected<void, bus::SendError> Link::publish(Local& from, bus::Bytes bytes) {
  if (bytes.size() > options_.max_message_bytes) {
    return Unexpected(bus::SendError::kTooLarge);
  }
  Outgoing message = outgoing(0, bytes);  // copied before the lock
  const std::scoped_lock lock(mutex_);
  if (!may_send(from)) {
    from.wants_room = true;
    return Unexpected(bus::SendError::kWouldBlock);
  }
  message.sequence = ++from.sequence;
  for (auto& [id, lane] : from.lanes) {
    lane.push(message.share());
    pump(from, id, lane);
  }
  look_again_if_ready();
  if (keeps(from.is)) {
    from.kept.push_back(std::move(message));
    if (from.kept.size() > (from.is.qos.depth == 0 ? options_.room : from.is.qos.depth)) {
      from.kept.pop_front();
    }
  }
  return {};
}

Expected<bus::RequestId, bus::SendError> Link::request(Local& from, bus::Bytes bytes) {
  if (bytes.size() > options_.max_message_bytes) {
    return Unexpected(bus::SendError::kTooLarge);
  }
  Outgoing message = outgoing(0, bytes);
  const std::scoped_lock lock(mutex_);
  if (!may_send(from)) {
    from.wants_room = true;
    return Unexpected(bus::SendError::kWouldBlock);
  }
  const EndpointId& server = from.matched.front();  // of several, the one found first
  Lane& lane = from.lanes.at(server);
  message.sequence = ++from.sequence;
  lane.push(std::move(message));
  pump(from, server, lane);
  look_again_if_ready();
  return bus::RequestId{.client = from.is.id, .sequence = static_cast<std::int64_t>(from.sequence)};
}

Expected<void, bus::SendError> Link::reply(Local& from, const bus::RequestId& id, bus::Bytes bytes) {
  if (bytes.size() > options_.max_message_bytes) {
    return Unexpected(bus::SendError::kTooLarge);
  }
  Outgoing message = outgoing(static_cast<std::uint64_t>(id.sequence), bytes);
  const std::scoped_lock lock(mutex_);
  const auto lane = from.lanes.find(id.client);
  if (lane == from.lanes.end()) {
    return Unexpected(bus::SendError::kNoPeer);
  }
  if (lane->second.is_full()) {
    from.wants_room = true;
    return Unexpected(bus::SendError::kWouldBlock);
  }
  lane->second.push(std::move(message));
  pump(from, id.client, lane->second);
  look_again_if_ready();
  return {};
}

/// A reader that keeps the last has room for ever. One that keeps all divides the room it has among its senders;
/// whoever takes there looks again when somebody was given little.
void Link::grant(Local& local) {
  local.owes_grants = local.keeps_all;  // before it is looked how much room there is: see on_taken
  if (local.keeps_all && local.inbox_bytes >= options_.room_bytes) {
    return;  // nor is it said what came: of each sender no more comes than may be on the way
  }
  const std::uint64_t senders = std::max<std::uint64_t>(1, local.receptions.size());
  const std::uint64_t room = local.room - std::min(local.room, local.inbox.size());
  const std::uint64_t whole = local.is.window;
  const std::uint64_t fair = std::max<std::uint64_t>(1, std::min<std::uint64_t>(whole, local.room / senders));
  const std::uint64_t share = room == 0 ? 0 : std::max<std::uint64_t>(1, std::min(whole, room / senders));
  bool owes = false;
  for (auto& [id, reception] : local.receptions) {
    if (reception.regrant(local.keeps_all ? share : whole)) {
      Header header;
      header.kind = Header::Kind::kGrant;
      header.from = number_of(local.is.id);
      header.to = number_of(id);
      header.position = reception.received();
      header.sequence = reception.granted();
      send(process_of(id), header);
    }
    owes = owes || 2 * (reception.granted() - reception.received()) < fair;
  }
  local.owes_grants = local.keeps_all && owes;
}

/// Either grant() sees what was taken here, or this sees that it owes.
void Link::on_taken(Local& local) {
  if (local.owes_grants && 2 * local.inbox.size() <= local.room && 2 * local.inbox_bytes <= options_.room_bytes) {
    const std::scoped_lock lock(mutex_);
    grant(local);
    look_again_if_ready();
  }
}

}  // namespace takt::zmq::internal
