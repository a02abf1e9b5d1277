// The receive thread of a link: waits, takes in what came under the lock, a batch at a time, and tells without it.
#include <poll.h>
#include <unistd.h>

#include "takt/core/thread_names.hpp"
#include "takt/transports/zmq/internal/link.hpp"

namespace takt::zmq::internal {
namespace {

constexpr int kShort_ms = 1;
constexpr int kBatch = 64;  // messages before those who publish get the lock again

/// The header alone where a frame follows it.
Expected<Header, HeaderFault> header_of(const Socket::Frames& frames) {
  if (frames.empty() || frames.size() > 2 || frames.back().more()) {
    return Unexpected(HeaderFault::kNotOurs);
  }
  const auto header = read_header({static_cast<const std::byte*>(frames[0].data()), frames[0].size()});
  if (header && frames.size() == 2 && frames[0].size() != kHeaderBytes) {
    return Unexpected(HeaderFault::kLength);
  }
  return header;
}

}  // namespace

void Link::run() {
  core::set_current_thread_name("zmq.recv");
  std::vector<pollfd> watched;
  for (const int descriptor : socket_.descriptors()) {
    watched.push_back({.fd = descriptor, .events = POLLIN, .revents = 0});
  }
  watched.push_back({.fd = wake_.get(), .events = POLLIN, .revents = 0});
  unsigned look = kEverywhere;
  while (!is_done()) {
    int most = stop_ ? kBatch : 1;  // whether more is there is asked when the first that came has been told
    while (take_in(look, most) && !stop_) {
      look = kMessages;
      most = kBatch;
    }
    look = wait_for_something(watched);
  }
}

unsigned Link::wait_for_something(std::span<pollfd> watched) {
  int wait_ms = 0;
  {
    const std::scoped_lock lock(mutex_);
    tells_ = false;
    waits_long_ = !std::exchange(sent_unasked_, false);
    wait_ms = waits_long_ ? longest_wait_ms() : kShort_ms;
  }
  if (poll(watched.data(), watched.size(), wait_ms) <= 0) {
    return kEverywhere;  // nothing is expected there; it costs nothing now
  }
  if (watched.back().revents != 0) {
    std::uint64_t wakes = 0;
    static_cast<void>(!read(wake_.get(), &wakes, sizeof(wakes)));
  }
  unsigned look = 0;
  for (std::size_t i = 0; i + 1 < watched.size(); ++i) {
    look |= watched[i].revents != 0 ? 1U << i : 0U;
  }
  return look;
}

bool Link::take_in(unsigned look, int most) {
  std::vector<std::shared_ptr<Local>> to_tell;
  std::shared_ptr<bus::EventGate> watcher;
  bool more = false;
  {
    const std::scoped_lock lock(mutex_);
    tells_ = false;
    look |= std::exchange(look_again_, false) ? unsigned{kMessages} : 0U;
    send_left();
    more = receive(look, most);
    keep_in_touch();
    end_lost();
    see_off();
    for (const std::shared_ptr<Local>& local : look_at_grants_) {
      local->looks_at_grants = false;
      grant(*local);
    }
    look_at_grants_.clear();
    look_again_ = look_again_ || (!more && socket_.is_ready());  // all the sending may have swallowed an edge
    more = more || look_again_;
    to_tell.swap(to_tell_);
    if (std::exchange(graph_changed_, false) && watcher_) {
      watcher_->post_data();
      watcher = watcher_;
    }
    tells_ = !to_tell.empty() || watcher;
  }
  for (const std::shared_ptr<Local>& local : to_tell) {
    local->gate.run();
  }
  if (watcher) {
    watcher->run();
  }
  return more;
}

/// What became of the connections first: a message may be of the next. @return there may be more messages
bool Link::receive(unsigned look, int most) {
  if ((look & kEvents) != 0) {
    hear_of_connections();
  }
  if ((look & kDoor) != 0) {
    socket_.answer_door();
  }
  Socket::Frames frames;
  std::optional<std::uint64_t> from;
  for (int room = most; (look & kMessages) != 0 && room > 0; --room) {
    if (!socket_.receive(frames, from)) {
      return false;
    }
    on_message(frames, from);
  }
  return (look & kMessages) != 0;
}

void Link::on_message(Socket::Frames& frames, std::optional<std::uint64_t> from) {
  const auto header = header_of(frames);
  if (!header) {
    bad(text_of(header.error()));
    return;
  }
  if (options_.binds && (!from || *from == process_)) {
    bad("a message of none that may be a process");
    return;
  }
  switch (header->kind) {
    case Header::Kind::kHello:
      if (options_.binds && header->from == *from) {
        on_hello(*from, *header, zmq_msg_get(frames[0].handle(), ZMQ_SRCFD));
      } else {
        bad("a greeting in the name of another");
      }
      return;
    case Header::Kind::kWelcome:
      if (options_.binds) {
        bad("what only who binds may say");
      } else {
        on_welcome(*header);
      }
      return;
    case Header::Kind::kAgain:
      if (options_.binds) {
        bad("what only who binds may say");
      } else if (header->session == session_ && !peers_.empty()) {
        lost_.push_back(peers_.begin()->first);
      }
      return;
    default:
      break;
  }
  const auto peer = options_.binds ? peers_.find(*from) : peers_.begin();
  if (peer != peers_.end() && peer->second.session == header->session) {
    on_said(peer->first, *header,
            {.frame = std::move(frames.back()), .at = frames.size() == 1 ? kHeaderBytes : std::size_t{0}});
  } else if (options_.binds) {
    Header again;
    again.kind = Header::Kind::kAgain;
    again.session = header->session;
    static_cast<void>(socket_.send(*from, write_header(again), bus::Bytes{}));  // who does not hear it speaks again
  }
}

void Link::on_said(std::uint64_t process, const Header& header, Payload payload) {
  if (!peers_.at(process).has_begun && header.kind != Header::Kind::kReceipt) {
    bad("something from one that has not read its welcome");
    return;
  }
  switch (header.kind) {
    case Header::Kind::kAnnounce:
      on_announcement(process, payload.bytes());
      return;
    case Header::Kind::kWithdraw: {
      Changes changes;
      directory_.forget(make_id(process, header.from), changes);
      note(changes);
      return;
    }
    case Header::Kind::kGrant:
      on_grant(process, header);
      return;
    case Header::Kind::kReceipt:
      on_receipt(process, header);
      return;
    case Header::Kind::kData:
    case Header::Kind::kRequest:
    case Header::Kind::kReply:
    case Header::Kind::kParcel:
      confirm(process, header, payload.bytes().size());
      on_content(process, header, std::move(payload));
      return;
    default:
      return;  // a pulse
  }
}

void Link::on_announcement(std::uint64_t process, bus::Bytes payload) {
  const auto announcement = read_announcement(payload, process);
  if (!announcement) {
    bad(text_of(announcement.error()));
    return;
  }
  Changes changes;
  if (!may_announce(process) || !directory_.learn(*announcement, changes)) {
    bad("more announcements than are remembered");
  }
  note(changes);
}

void Link::on_grant(std::uint64_t process, const Header& header) {
  const std::shared_ptr<Local> local = directory_.local(make_id(process_, header.to));
  const EndpointId reader = make_id(process, header.from);
  if (!local) {
    return;  // it has gone since it was sent
  }
  const auto lane = local->lanes.find(reader);
  if (lane == local->lanes.end()) {
    return;
  }
  lane->second.grant(header.position, header.sequence);
  pump(*local, reader, lane->second);
  tell_when_writable(local);
}

void Link::on_receipt(std::uint64_t process, const Header& header) {
  Peer& peer = peers_.at(process);
  if (!peer.has_begun && header.position == 0 && header.sequence == peer.token) {
    begin(process);
    return;
  }
  if (!peer.departures.confirm(header.position, header.sequence)) {
    bad("a receipt for what was not read");
    return;
  }
  if (std::exchange(peer.held_up, false)) {
    pump_all(process);
  }
}

}  // namespace takt::zmq::internal
