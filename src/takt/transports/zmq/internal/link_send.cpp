// What goes out by the lanes of an endpoint.
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

/// What is published, asked or answered, before it is said to whom. What is small is copied into parcels; what waits or
/// is large once, for all, if possible before the lock.
class Said {
 public:
  explicit Said(bus::Bytes bytes) : bytes_(bytes), clock_(static_cast<std::uint64_t>(core::wall_now_ns())) {
    if (bytes.size() > kMaxSmallBytes) {
      copy_.emplace(bytes.data(), bytes.size());
    }
  }
  void number(std::uint64_t sequence) noexcept { sequence_ = sequence; }

  [[nodiscard]] core::Nanoseconds now_ns() const noexcept { return static_cast<core::Nanoseconds>(clock_); }
  [[nodiscard]] bool pack_into(Lane& lane) const { return lane.pack(sequence_, clock_, bytes_); }
  [[nodiscard]] Outgoing share() {
    if (!copy_) {
      copy_.emplace(bytes_.data(), bytes_.size());
    }
    Outgoing one{.sequence = sequence_, .source_wall_ns = clock_, .payload = {}};
    one.payload.copy(*copy_);
    return one;
  }

 private:
  bus::Bytes bytes_;
  std::uint64_t clock_;
  std::uint64_t sequence_{0};
  std::optional<::zmq::message_t> copy_;
};

/// Sending may have swallowed an edge. To ask is a system call: when it is done all the time it is left to the receive
/// thread, which then does not wait for long.
void Link::look_after_sending(core::Nanoseconds now_ns) {
  const bool is_fast = pace_.is_fast(now_ns);
  if (!left_.empty()) {
    if (!std::exchange(was_woken_, true)) {
      wake();
    }
  } else if (is_fast) {
    sent_unasked_ = true;
    if (std::exchange(waits_long_, false)) {
      wake();
    }
  } else if (socket_.is_ready()) {
    look_again();
  }
}

/// Who speaks all the time lets it wait for what comes next: then the receive thread, which is woken, sends what has
/// piled up until it gets there, or whoever fills a parcel does. It does not while it runs what a user does.
Link::When Link::when_to_send(Local& from, core::Nanoseconds now_ns) const {
  return from.pace.is_fast(now_ns) && !tells_ ? When::kSoon : When::kNow;
}

/// What its process has no room for waits, and is counted there.
void Link::say(const Local& from, const EndpointId& to, Lane& lane, Said& said, When when) {
  const bool was_packed = !lane.parcel().is_empty();
  const auto peer = peers_.find(process_of(to));
  if (peer == peers_.end() || !peer->second.departures.may_send() || !said.pack_into(lane)) {
    lane.push(said.share());
  }
  pump(from, to, lane, when);
  if (!was_packed && !lane.parcel().is_empty()) {
    left_.emplace_back(from.is.id, to);
  }
}

void Link::send_left() {
  was_woken_ = false;
  for (const auto& [from, to] : left_) {
    if (const std::shared_ptr<Local> local = directory_.local(from)) {
      if (const auto lane = local->lanes.find(to); lane != local->lanes.end()) {
        pump(*local, to, lane->second);
      }
    }
  }
  left_.clear();
}

void Link::pump(const Local& from, const EndpointId& to, Lane& lane, When when) {
  if (lane.is_empty()) {
    return;
  }
  const auto peer = peers_.find(process_of(to));
  if (peer == peers_.end()) {
    return;  // it has gone, and is to be forgotten
  }
  while (peer->second.departures.may_send()) {
    const auto due = lane.pack();
    if (due == Lane::Due::kNothing || (due == Lane::Due::kMore && when == When::kSoon)) {
      return;
    }
    Header header;
    header.kind = content_of(from.is.kind);
    header.from = number_of(from.is.id);
    header.to = number_of(to);
    if (due == Lane::Due::kSingle) {
      Outgoing single = lane.next();
      header.position = lane.position();
      header.sequence = single.sequence;
      header.source_wall_ns = single.source_wall_ns;
      peer->second.departures.send(single.payload.size(), header.source_wall_ns);
      send(peer->first, header, std::move(single.payload));
      continue;
    }
    const Parcel& parcel = lane.parcel();
    const bool is_one = parcel.count() == 1;
    header.kind = is_one ? header.kind : Header::Kind::kParcel;
    header.position = lane.position() - parcel.count() + 1;
    header.sequence = parcel.sequence();
    header.source_wall_ns = parcel.clock();
    const bus::Bytes bytes = is_one ? parcel.front() : parcel.bytes();
    peer->second.departures.send(bytes.size(), header.source_wall_ns);
    send(peer->first, header, bytes);
    lane.empty_parcel();
  }
  peer->second.held_up = peer->second.held_up || !lane.is_empty();
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
  Said said(bytes);
  const std::scoped_lock lock(mutex_);
  if (!may_send(from)) {
    from.wants_room = true;
    return Unexpected(bus::SendError::kWouldBlock);
  }
  said.number(++from.sequence);
  const When when = when_to_send(from, said.now_ns());
  for (auto& [id, lane] : from.lanes) {
    say(from, id, lane, said, when);
  }
  look_after_sending(said.now_ns());
  if (keeps(from.is)) {
    from.kept.push_back(said.share());
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
  Said said(bytes);
  const std::scoped_lock lock(mutex_);
  if (!may_send(from)) {
    from.wants_room = true;
    return Unexpected(bus::SendError::kWouldBlock);
  }
  const EndpointId& server = from.matched.front();  // of several, the one found first
  said.number(++from.sequence);
  const When when = when_to_send(from, said.now_ns());
  say(from, server, from.lanes.at(server), said, when);
  look_after_sending(said.now_ns());
  return bus::RequestId{.client = from.is.id, .sequence = static_cast<std::int64_t>(from.sequence)};
}

Expected<void, bus::SendError> Link::reply(Local& from, const bus::RequestId& id, bus::Bytes bytes) {
  if (bytes.size() > options_.max_message_bytes) {
    return Unexpected(bus::SendError::kTooLarge);
  }
  Said said(bytes);
  const std::scoped_lock lock(mutex_);
  const auto lane = from.lanes.find(id.client);
  if (lane == from.lanes.end()) {
    return Unexpected(bus::SendError::kNoPeer);
  }
  if (lane->second.is_full()) {
    from.wants_room = true;
    return Unexpected(bus::SendError::kWouldBlock);
  }
  said.number(static_cast<std::uint64_t>(id.sequence));
  const When when = when_to_send(from, said.now_ns());
  say(from, id.client, lane->second, said, when);
  look_after_sending(said.now_ns());
  return {};
}

}  // namespace takt::zmq::internal
