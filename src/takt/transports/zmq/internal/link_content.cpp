// What comes for an endpoint of this process, and whether it is kept there.
#include <algorithm>

#include "takt/transports/zmq/internal/link.hpp"

namespace takt::zmq::internal {
namespace {

constexpr std::size_t kMostSendersBeyond = 64;

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

/// Senders keep to what they were granted, and that is bounded by what lies there; but for what each has without being
/// asked. Who announces one sender after another, or many, has no more for that than this: as much again as there is
/// room for, and what a number of senders may have on the way.
bool Link::has_place(const Local& local) const {
  if (!local.keeps_all) {
    return true;
  }
  const std::size_t senders = std::min(local.receptions.size(), kMostSendersBeyond);
  if (local.inbox.size() >= (2 * local.room) + (senders * local.is.window)) {
    return false;
  }
  const std::size_t lies = local.inbox_bytes;
  if (lies < 2 * options_.room_bytes) {
    return true;
  }
  std::size_t unsaid = 0;
  for (const auto& [id, reception] : local.receptions) {
    unsaid += reception.bytes_unsaid();
  }
  return lies < (2 * options_.room_bytes) + std::min(unsaid, kMostSendersBeyond * kMaxBytesOfAllOnTheWay);
}

void Link::on_content(std::uint64_t process, const Header& header, ::zmq::message_t payload) {
  const std::shared_ptr<Local> local = directory_.local(make_id(process_, header.to));
  if (!local) {
    return;  // it has gone since it was sent
  }
  const EndpointId sender = make_id(process, header.from);
  const auto reception = local->receptions.find(sender);
  if (reception == local->receptions.end()) {
    return;  // of another type, or offering less than is asked for
  }
  if (!reception->second.receive(header.position, payload.size())) {
    bad("a message beyond what was granted");
    return;
  }
  if (!has_place(*local)) {
    bad("more than lies at an endpoint whose program does not take");
    return;
  }
  if (payload.size() > options_.max_message_bytes) {
    bad("a message larger than max_message_bytes");  // of one much larger ZeroMQ ends the connection
    return;
  }
  if (!std::exchange(local->got_something, true)) {
    got_something_.push_back(local);
  }
  if (local->is.kind == Kind::kSubscription) {
    const auto missing = local->heard.advance(sender, header.sequence);
    if (!missing) {
      return;  // kept there, and heard before the connection was lost
    }
    local->inbox.add_lost(*missing);
  }
  const std::size_t bytes = payload.size();
  while (!local->keeps_all && local->inbox_bytes + bytes > options_.room_bytes && local->inbox.size() > 0 &&
         local->inbox.take()) {
    local->inbox.add_lost(1);
  }
  Message message{
      .payload = std::make_shared<const ::zmq::message_t>(std::move(payload)), .info = {}, .request = {}, .charge = {}};
  message.request = {.client = local->is.kind == Kind::kServer ? sender : local->is.id,
                     .sequence = static_cast<std::int64_t>(header.sequence)};
  message.info = {.received_ns = core::monotonic_now_ns(),
                  .source_wall_ns = static_cast<core::Nanoseconds>(header.source_wall_ns),
                  .sender = sender,
                  .sequence = header.sequence};
  message.charge = Charge(local->inbox_bytes, bytes);
  if (local->inbox.push(std::move(message))) {
    local->gate.post_data();
    to_tell_.push_back(local);
  }
}

}  // namespace takt::zmq::internal
