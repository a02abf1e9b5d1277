// Who and what is there, and that others hear of it. Lanes are in link_send.cpp, sessions in link_session.cpp, the
// receive thread in link_receive.cpp.
#include "takt/transports/zmq/internal/link.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace takt::zmq::internal {
namespace {

/// As long as ZeroMQ lingers when the transport goes.
constexpr core::Nanoseconds kLinger_ns = core::Nanoseconds{kLinger_ms} * 1'000'000;

bool has_sent_all(const Local& local) {
  return std::ranges::all_of(local.lanes, [](const auto& entry) { return entry.second.is_empty(); });
}

void check_texts(const Announcement& made) {
  for (const std::string* const text : {&made.name, &made.node, &made.type.name, &made.reply.name}) {
    if (text->size() > kMaxTextBytes || (text == &made.name && text->empty())) {
      throw LogicError(fmt::format("zmq: '{}': names have 1 to {} bytes", made.name, kMaxTextBytes));
    }
  }
}

}  // namespace

Link::Link(const ZmqOptions& options)
    : options_(checked(options)),
      process_(random_number() | 1U),  // no routing id begins with a zero byte
      socket_(options_, process_),
      directory_(process_),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!wake_) {
    throw SystemError("zmq: an eventfd cannot be made", errno);
  }
  thread_ = std::thread([this] { run(); });
}

Link::~Link() {
  stop_ = true;
  wake();
  thread_.join();
}

void Link::wake() const {
  const std::uint64_t one = 1;
  static_cast<void>(!write(wake_.get(), &one, sizeof(one)));
}

/// For any thread but the receive thread, when it used the socket, or has something to tell.
void Link::look_again() {
  look_again_ = true;
  wake();
}

std::shared_ptr<Local> Link::add(Announcement made, bus::EndpointEvents events) {
  check_texts(made);
  const std::scoped_lock lock(mutex_);
  made.id = make_id(process_, ++last_number_);
  auto local = std::make_shared<Local>(std::move(made), std::move(events), options_.room);
  announce(local->is);  // before anything is sent in its name
  Changes changes;
  directory_.add(local, changes);
  note(changes);
  look_again();
  return local;
}

void Link::remove(const std::shared_ptr<Local>& local) {
  {
    const std::scoped_lock lock(mutex_);
    local->wants_room = false;
    for (auto& [reader, lane] : local->lanes) {
      pump(*local, reader, lane);
    }
    if (local->is.qos.reliability == bus::Reliability::kReliable && !has_sent_all(*local)) {
      leaving_.push_back({.local = local, .until_ns = core::monotonic_now_ns() + kLinger_ns});
    } else {
      end(local);
    }
    look_again();
  }
  local->gate.close();
}

void Link::end(const std::shared_ptr<Local>& local) {
  withdraw(local->is);
  Changes changes;
  directory_.remove(local, changes);
  note(changes);
}

void Link::see_off() {
  const core::Nanoseconds now_ns = core::monotonic_now_ns();
  std::erase_if(leaving_, [&](const Leaving& one) {
    const bool gone = has_sent_all(*one.local) || now_ns >= one.until_ns;
    if (gone) {
      end(one.local);
    }
    return gone;
  });
}

bool Link::is_done() const {
  const std::scoped_lock lock(mutex_);
  return stop_ && leaving_.empty();
}

void Link::announce(const Announcement& made) {
  for (const auto& [process, peer] : peers_) {
    if (peer.has_begun) {
      announce_to(process, made);
    }
  }
}

void Link::announce_to(std::uint64_t process, const Announcement& made) {
  Header header;
  header.kind = Header::Kind::kAnnounce;
  const auto bytes = write_announcement(made);
  send(process, header, bytes);
}

void Link::withdraw(const Announcement& made) {
  Header header;
  header.kind = Header::Kind::kWithdraw;
  header.from = number_of(made.id);
  for (const auto& [process, peer] : peers_) {
    if (peer.has_begun) {
      send(process, header);
    }
  }
}

/// A process that cannot be reached is forgotten by the receive thread: here somebody may walk through what it has.
template <class Frame>
void Link::send_to(std::uint64_t process, Header header, Frame payload) {
  const auto peer = peers_.find(process);
  if (peer == peers_.end()) {
    return;
  }
  header.session = peer->second.session;
  if (!socket_.send(process, write_header(header), std::move(payload))) {
    lost_.push_back(process);
    wake();
  }
}

void Link::send(std::uint64_t process, const Header& header, bus::Bytes payload) {
  send_to(process, header, payload);
}

void Link::send(std::uint64_t process, const Header& header, ::zmq::message_t payload) {
  send_to(process, header, std::move(payload));
}

/// Events are told by the receive thread; what was kept goes out at once.
void Link::note(Changes& changes) {
  to_tell_.insert(to_tell_.end(), changes.to_tell.begin(), changes.to_tell.end());
  graph_changed_ = graph_changed_ || changes.graph;
  for (const auto& [local, id] : changes.unmatched) {
    local->lanes.erase(id);
    local->receptions.erase(id);
    tell_when_writable(local);
    look_at_grants(local);  // what the one that left had been granted is the others' now
  }
  for (const auto& [local, remote] : changes.matched) {
    on_matched(*local, remote);
    look_at_grants(local);
    tell_when_writable(local);
  }
  changes = {};
}

bus::Matched Link::matched(const Local& local) const {
  const std::scoped_lock lock(mutex_);
  return {.current = local.matched.size(), .total = local.total_matched};
}

std::int64_t Link::lost_before(const Local& client) const {
  const std::scoped_lock lock(mutex_);
  return static_cast<std::int64_t>(client.asked_from);
}

void Link::add_node(const bus::NodeInfo& node) {
  const std::scoped_lock lock(mutex_);
  Announcement made;
  made.kind = Kind::kNode;
  made.id = make_id(process_, ++last_number_);
  made.name = node.name;
  made.node = node.enclave;
  check_texts(made);
  announce(made);
  Changes changes;
  directory_.add_node(made, changes);
  note(changes);
  look_again();
}

void Link::remove_node(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  Changes changes;
  if (const auto removed = directory_.remove_node(name, changes)) {
    withdraw(*removed);
  }
  note(changes);
  look_again();
}

bus::Graph Link::graph() const {
  const std::scoped_lock lock(mutex_);
  return directory_.graph();
}

void Link::watch(std::function<void()> on_change) {
  std::shared_ptr<bus::EventGate> watcher;
  if (on_change) {
    bus::EndpointEvents events;
    events.on_data = std::move(on_change);
    watcher = std::make_shared<bus::EventGate>(std::move(events));
  }
  {
    const std::scoped_lock lock(mutex_);
    watcher_.swap(watcher);
  }
  if (watcher) {
    watcher->close();
  }
}

ZmqStatistics Link::statistics() const {
  const std::scoped_lock lock(mutex_);
  return {.malformed = bad_.count(), .peers = peers_.size()};
}

}  // namespace takt::zmq::internal
