// What comes for an endpoint of this process, whether it is kept there, and what more may come.
#include <algorithm>

#include "takt/transports/zmq/internal/link.hpp"

namespace takt::zmq::internal {
namespace {

/// What is smaller ZeroMQ gives as a part of what it read at once, which lies there with it, whatever else that was.
constexpr std::size_t kReadAtOnce = std::size_t{8} << 10U;

Payload on_its_own(Payload payload) {
  if (payload.frame.size() > kReadAtOnce) {
    return payload;
  }
  const bus::Bytes bytes = payload.bytes();
  return {.frame = ::zmq::message_t(bytes.data(), bytes.size()), .at = 0};
}

}  // namespace

/// Whatever becomes of it: what was read is no longer on the way.
void Link::confirm(std::uint64_t process, const Header& header, std::size_t bytes) {
  Arrivals& arrivals = peers_.at(process).arrivals;
  if (arrivals.receive(bytes, header.source_wall_ns)) {
    Header receipt;
    receipt.kind = Header::Kind::kReceipt;
    receipt.position = arrivals.count();
    receipt.sequence = arrivals.proof();
    send(process, receipt);
  }
}

bool Link::unpack(const Header& header, bus::Bytes payload) {
  if (header.kind == Header::Kind::kParcel) {
    return read_parcel(payload, unpacked_);
  }
  unpacked_.assign(1, {.bytes = payload, .later_ns = 0});
  return true;
}

void Link::on_content(std::uint64_t process, const Header& header, Payload payload) {
  const std::shared_ptr<Local> local = directory_.local(make_id(process_, header.to));
  if (!local) {
    return;  // it has gone since it was sent
  }
  const EndpointId sender = make_id(process, header.from);
  const auto reception = local->receptions.find(sender);
  if (reception == local->receptions.end()) {
    return;  // of another type, or offering less than is asked for
  }
  auto arrival = std::make_shared<Arrival>(on_its_own(std::move(payload)), Charge());
  if (!unpack(header, arrival->payload.bytes())) {
    bad("several messages in one that are none");
    return;
  }
  std::size_t bytes = 0;
  for (const Packed& one : unpacked_) {
    bytes += one.bytes.size();
  }
  if (!reception->second.receive(header.position, unpacked_.size(), bytes)) {
    bad("a message beyond what was granted");
    return;
  }
  look_at_grants(local);
  if (keep(*local, sender, header, std::move(arrival))) {
    local->gate.post_data();
    to_tell_.push_back(local);
  }
}

/// What is unpacked. @return there is something to be told of
bool Link::keep(Local& local, const EndpointId& sender, const Header& header, std::shared_ptr<Arrival> arrival) {
  std::uint64_t old = 0;  // heard before the connection was lost
  std::uint64_t lost = 0;
  if (local.is.kind == Kind::kSubscription) {
    const std::uint64_t last = header.sequence + unpacked_.size() - 1;
    const auto before_first = local.heard.advance(sender, header.sequence);
    const auto before_last = last == header.sequence ? before_first : local.heard.advance(sender, last);
    old = before_first ? 0 : before_last ? unpacked_.size() - (*before_last + 1) : unpacked_.size();
    lost = before_first.value_or(0);
  }
  const core::Nanoseconds now_ns = core::monotonic_now_ns();
  came_.clear();
  for (std::size_t i = old; i < unpacked_.size(); ++i) {
    if (unpacked_[i].bytes.size() > options_.max_message_bytes) {
      bad("a message larger than max_message_bytes");  // of one much larger ZeroMQ ends the connection
      ++lost;
      continue;
    }
    came_.push_back(
        {.arrival = arrival,
         .bytes = unpacked_[i].bytes,
         .info = {.received_ns = now_ns,
                  .source_wall_ns = static_cast<core::Nanoseconds>(header.source_wall_ns + unpacked_[i].later_ns),
                  .sender = sender,
                  .sequence = header.sequence + i}});
  }
  if (!came_.empty()) {
    const std::size_t lies = sizeof(Arrival) + arrival->payload.frame.size() + (came_.size() * sizeof(Message));
    arrival->charge = Charge(local.inbox_bytes, lies);
    while (!local.keeps_all && local.inbox_bytes > options_.room_bytes && local.inbox.take()) {
      ++lost;
    }
  }
  arrival.reset();
  return local.inbox.push_all(came_, lost);
}

/// Once for all that came and changed.
void Link::look_at_grants(const std::shared_ptr<Local>& local) {
  if (!std::exchange(local->looks_at_grants, true)) {
    look_at_grants_.push_back(local);
  }
}

/// A reader that keeps the last has room for ever. One that keeps all divides the room it has among its senders;
/// whoever takes there looks again when somebody was given little. It gives nobody anything unasked: what lies there of
/// senders that have gone is room that new ones are not granted, and so no more comes however often they come and go.
void Link::grant(Local& local) {
  local.owes_grants = local.keeps_all;  // before it is looked how much room there is: see on_taken
  if (local.keeps_all && local.inbox_bytes >= options_.room_bytes) {
    return;  // nor is it said what came: of each sender no more comes than may be on the way
  }
  const std::uint64_t senders = std::max<std::uint64_t>(1, local.receptions.size());
  const std::uint64_t room = local.room - std::min(local.room, local.inbox.size());
  const std::uint64_t whole = local.window;
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
    look_after_sending(core::wall_now_ns());
  }
}

}  // namespace takt::zmq::internal
