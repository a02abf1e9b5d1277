// The receive thread of a link: waits, takes in what came under the lock, a batch at a time, and tells without it.
#include <algorithm>

#include <poll.h>
#include <unistd.h>

#include "takt/bus/internal/matching.hpp"
#include "takt/core/log.hpp"
#include "takt/core/thread_names.hpp"
#include "takt/transports/zmq/internal/link.hpp"

namespace takt::zmq::internal {
namespace {

constexpr core::Nanoseconds kHelloPeriod_ns = 50'000'000;
constexpr core::Nanoseconds kMillisecond_ns = 1'000'000;
constexpr int kLongest_ms = 500;
constexpr int kBatch = 64;  // messages of a socket before those who publish get the lock again

bus::Bytes bytes_of(const ::zmq::message_t& frame) {
  return {static_cast<const std::byte*>(frame.data()), frame.size()};
}

bool is_enough(const Header& offered, const bus::Qos& asked) {
  return (offered.reliable || asked.reliability == bus::Reliability::kBestEffort) &&
         (offered.transient_local || asked.durability == bus::Durability::kVolatile);
}

}  // namespace

void Link::run() {
  core::set_current_thread_name("zmq.recv");
  std::vector<pollfd> watched;
  for (const int descriptor : sockets_.descriptors()) {
    watched.push_back({.fd = descriptor, .events = POLLIN, .revents = 0});
  }
  watched.push_back({.fd = wake_.get(), .events = POLLIN, .revents = 0});
  unsigned look = kEverywhere;
  while (!stop_) {
    while (take_in(look) && !stop_) {
      look = 0;  // and where take_in itself says
    }
    look = wait_for_something(watched);
  }
}

unsigned Link::wait_for_something(std::span<pollfd> watched) {
  int wait_ms = kLongest_ms;
  {
    const std::scoped_lock lock(mutex_);
    const core::Nanoseconds now_ns = core::monotonic_now_ns();
    if (!directory_.unreachable().empty()) {
      wait_ms = static_cast<int>(kHelloPeriod_ns / kMillisecond_ns);
    }
    for (const core::Nanoseconds due_ns : {room_due_ns_, look_due_ns_}) {
      if (due_ns != 0) {
        const core::Nanoseconds left_ns = std::max(due_ns - now_ns, core::Nanoseconds{0});
        wait_ms = std::min(wait_ms, static_cast<int>((left_ns + kMillisecond_ns - 1) / kMillisecond_ns));
      }
    }
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

/// What waited for its time: a look for subscriptions that a flood of publishes put off.
unsigned Link::due_looks() {
  if (look_due_ns_ == 0 || core::monotonic_now_ns() < look_due_ns_) {
    return 0;
  }
  look_due_ns_ = 0;
  return kSubscriptions;
}

bool Link::take_in(unsigned look) {
  std::vector<std::shared_ptr<Local>> to_tell;
  std::shared_ptr<bus::internal::EventGate> watcher;
  bool more = false;
  {
    const std::scoped_lock lock(mutex_);
    Changes changes;
    look_ = receive(look | std::exchange(look_, 0U) | due_looks(), changes);
    note(changes);
    say_hello();
    tell_writable();
    to_tell.swap(to_tell_);
    if (std::exchange(graph_changed_, false) && watcher_) {
      watcher_->post_data();
      watcher = watcher_;
    }
    more = look_ != 0;
  }
  for (const std::shared_ptr<Local>& local : to_tell) {
    local->gate.run();
  }
  if (watcher) {
    watcher->run();
  }
  return more;
}

/// A batch of each. What did not come to its end is to be looked at again.
unsigned Link::receive(unsigned look, Changes& changes) {
  Sockets::Frames frames;
  std::optional<std::uint64_t> from;
  int room = kBatch;
  while ((look & kSubscriptions) != 0 && room-- > 0) {
    if (const auto subscription = sockets_.receive_subscription()) {
      on_subscription(*subscription, changes);
    } else {
      look &= ~kSubscriptions;
    }
  }
  room = kBatch;
  while ((look & kPublished) != 0 && room-- > 0) {
    if (sockets_.receive_published(frames)) {
      on_published(frames, changes);
    } else {
      look &= ~kPublished;
    }
  }
  room = kBatch;
  while ((look & kAsked) != 0 && room-- > 0) {
    if (sockets_.receive_asked(frames, from)) {
      on_asked(frames, from, changes);
    } else {
      look &= ~kAsked;
    }
  }
  while ((look & kRefusals) != 0) {
    if (const auto refusal = sockets_.receive_refusal()) {
      bad_.note("a connection that does not begin: keys that do not fit, or only one side encrypts", *refusal);
    } else {
      look &= ~kRefusals;
    }
  }
  return look;
}

void Link::on_subscription(const ::zmq::message_t& frame, Changes& changes) {
  const bus::Bytes bytes = bytes_of(frame);
  if (bytes.empty() || std::to_integer<int>(bytes[0]) > 1) {
    bad("a message where only subscriptions come");
    return;
  }
  const bool begins = bytes[0] == std::byte{1};
  const bus::Bytes what = bytes.subspan(1);
  if (what.empty() || what[0] != std::byte{'P'}) {
    return;  // topics: announcements say more of them
  }
  const auto announcement = read_announcement(what);
  if (!announcement) {
    bad(text_of(announcement.error()));
  } else if (!begins) {
    directory_.forget(announcement->id, changes);
  } else if (!directory_.learn(*announcement, changes)) {
    bad("more announcements than are remembered");
  }
}

void Link::on_published(Sockets::Frames& frames, Changes& changes) {
  const auto header = frames.size() == 3 ? read_header(bytes_of(frames[1])) : Unexpected(HeaderFault::kNotOurs);
  if (!header || header->kind != Header::Kind::kData) {
    bad(header ? "something else than data where only data comes" : text_of(header.error()));
    return;
  }
  const auto readers = readers_.find(frames[0].to_string_view());
  if (readers == readers_.end()) {
    return;  // unsubscribed since it was sent
  }
  const bus::TypeId type{.name = std::string(header->type), .hash = header->hash};
  const auto payload = std::make_shared<const ::zmq::message_t>(std::move(frames[2]));
  for (const std::shared_ptr<Local>& local : readers->second) {
    if (!bus::internal::same_type(type, local->is.type) || !is_enough(*header, local->is.qos)) {
      continue;  // on_incompatible says so, when the publisher's announcement has come
    }
    const auto missing = local->heard.advance(header->from, header->sequence);
    if (missing) {
      local->inbox.add_lost(*missing);
      Message message{.payload = payload, .info = {}, .request = {}};
      message.info.source_wall_ns = static_cast<core::Nanoseconds>(header->source_wall_ns);
      message.info.sender = header->from;
      message.info.sequence = header->sequence;
      give(local, std::move(message), changes);
    }
  }
}

void Link::give(const std::shared_ptr<Local>& local, Message message, Changes& changes) {
  message.info.received_ns = core::monotonic_now_ns();
  if (local->inbox.push(std::move(message))) {
    local->gate.post_data();
    changes.to_tell.push_back(local);
  }
}

void Link::on_asked(Sockets::Frames& frames, std::optional<std::uint64_t> from, Changes& changes) {
  const auto header = frames.size() == 2 ? read_header(bytes_of(frames[0])) : Unexpected(HeaderFault::kNotOurs);
  if (!header || header->kind == Header::Kind::kData) {
    bad(header ? "data where only requests come" : text_of(header.error()));
    return;
  }
  if (from && *from != process_of(header->from)) {
    bad("a message in the name of another process");
    return;
  }
  if (header->kind == Header::Kind::kHello || header->kind == Header::Kind::kWelcome) {
    on_greeting(*header, changes);
    return;
  }
  const std::shared_ptr<Local> to = directory_.local(header->to);
  const bool asks = header->kind == Header::Kind::kRequest;
  if (!to || to->is.kind != (asks ? Kind::kServer : Kind::kClient)) {
    return;  // it has gone since it was sent
  }
  Message message{.payload = std::make_shared<const ::zmq::message_t>(std::move(frames[1])), .info = {}, .request = {}};
  message.request = {.client = asks ? header->from : header->to,
                     .sequence = static_cast<std::int64_t>(header->sequence)};
  message.info.source_wall_ns = static_cast<core::Nanoseconds>(header->source_wall_ns);
  message.info.sender = header->from;
  message.info.sequence = header->sequence;
  give(to, std::move(message), changes);
}

void Link::on_greeting(const Header& header, Changes& changes) {
  const std::uint64_t process = process_of(header.from);
  if (header.kind == Header::Kind::kWelcome) {
    directory_.set_reachable(process, changes);
  } else if (directory_.knows(process)) {  // else it asks again, and its announcement has come by then
    greet(Header::Kind::kWelcome, process);
  }
}

void Link::greet(Header::Kind kind, std::uint64_t process) {
  Header header;
  header.kind = kind;
  header.from = make_id(process_, 0);
  write_header(header, header_);
  static_cast<void>(sockets_.ask(process, header_, ::zmq::message_t()));  // there is a next time
}

void Link::say_hello() {
  const core::Nanoseconds now_ns = core::monotonic_now_ns();
  const std::vector<std::uint64_t> unreachable = directory_.unreachable();
  if (unreachable.empty() || now_ns < next_hello_ns_) {
    return;
  }
  next_hello_ns_ = now_ns + kHelloPeriod_ns;
  for (const std::uint64_t process : unreachable) {
    greet(Header::Kind::kHello, process);
  }
  look_after_ask();
}

void Link::tell_writable() {
  if (room_due_ns_ == 0 || core::monotonic_now_ns() < room_due_ns_) {
    return;
  }
  room_due_ns_ = 0;
  for (const auto& [id, local] : directory_.locals()) {
    if (std::exchange(local->wants_room, false)) {
      local->gate.post_writable();
      to_tell_.push_back(local);
    }
  }
}

void Link::watch(std::function<void()> on_change) {
  std::shared_ptr<bus::internal::EventGate> watcher;
  if (on_change) {
    bus::EndpointEvents events;
    events.on_data = std::move(on_change);
    watcher = std::make_shared<bus::internal::EventGate>(std::move(events));
  }
  {
    const std::scoped_lock lock(mutex_);
    watcher_.swap(watcher);
  }
  if (watcher) {
    watcher->close();
  }
}

}  // namespace takt::zmq::internal
