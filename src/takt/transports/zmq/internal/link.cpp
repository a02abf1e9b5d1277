// What a user's thread does with a link. The receive thread's part is in link_receive.cpp.
#include "takt/transports/zmq/internal/link.hpp"

#include <cerrno>
#include <random>

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "takt/bus/internal/matching.hpp"

namespace takt::zmq::internal {
namespace {

/// New each time: two processes, or two lives of one, are never taken for the same. Odd in its first byte, since no
/// routing id begins with zero.
std::uint64_t random_process() {
  std::random_device random;
  return (std::uint64_t{random()} << 32U) | std::uint64_t{random()} | 1U;
}

std::string to_one(const EndpointId& id) {
  return "I" + std::string(reinterpret_cast<const char*>(id.data()), id.size());
}

/// What a publisher sends to all, and what a subscription subscribes to: all, or what is for it alone.
std::string to_all(const Announcement& endpoint) {
  return "D" + endpoint.name + '\0';
}
bool keeps(const Announcement& endpoint) {
  return endpoint.qos.durability == bus::Durability::kTransientLocal;
}
std::string subscribed_by(const Announcement& subscription) {
  return keeps(subscription) ? to_one(subscription.id) : to_all(subscription);
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
    : options_(options),
      process_(random_process()),
      sockets_(options, process_),
      directory_(process_),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!wake_) {
    throw SystemError("zmq: an eventfd cannot be made", errno);
  }
  Announcement own;
  own.id = make_id(process_, 0);
  sockets_.subscribe(write_announcement(own));
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

/// Sending may swallow the edge that says that subscriptions came. To look for them is a system call, which in a flood
/// costs more than the publish: there the receive thread looks, once in a while.
void Link::look_after_publish(core::Nanoseconds now_ns) {
  constexpr core::Nanoseconds kFlood_ns = 100'000;
  constexpr core::Nanoseconds kLookPeriod_ns = 1'000'000;
  if (now_ns - looked_ns_ < kFlood_ns) {
    if (look_due_ns_ == 0) {
      look_due_ns_ = now_ns + kLookPeriod_ns;
      wake();
    }
    return;
  }
  looked_ns_ = now_ns;
  if (sockets_.ready_after_publish()) {
    look_ |= kSubscriptions;
    wake();
  }
}

/// ZeroMQ does not say when a slow link has room again: it is tried after a while.
void Link::want_room() {
  constexpr core::Nanoseconds kRoomPeriod_ns = 2'000'000;
  if (room_due_ns_ == 0) {
    room_due_ns_ = core::monotonic_now_ns() + kRoomPeriod_ns;
    wake();
  }
}

void Link::look_after_ask() {
  if (sockets_.ready_after_ask()) {
    look_ |= kAsked;
    wake();
  }
}

std::shared_ptr<Local> Link::add(Announcement made, bus::EndpointEvents events) {
  check_texts(made);
  const std::scoped_lock lock(mutex_);
  made.id = make_id(process_, ++last_number_);
  auto local = std::make_shared<Local>(std::move(made), std::move(events), options_.room);
  if (local->is.kind == Kind::kSubscription) {
    const std::string what = subscribed_by(local->is);
    readers_[what].push_back(local);
    sockets_.subscribe(what);  // before the announcement, so that who sees that can publish
  }
  sockets_.subscribe(write_announcement(local->is));
  Changes changes;
  directory_.add(local, changes);
  note(changes);
  wake();
  return local;
}

void Link::remove(const std::shared_ptr<Local>& local) {
  {
    const std::scoped_lock lock(mutex_);
    sockets_.unsubscribe(write_announcement(local->is));
    if (local->is.kind == Kind::kSubscription) {
      const std::string what = subscribed_by(local->is);
      sockets_.unsubscribe(what);
      const auto readers = readers_.find(what);
      std::erase(readers->second, local);
      if (readers->second.empty()) {
        readers_.erase(readers);
      }
    }
    Changes changes;
    directory_.remove(local, changes);
    note(changes);
    wake();
  }
  local->gate.close();
}

/// Events are told by the receive thread; what was kept goes out at once.
void Link::note(Changes& changes) {
  to_tell_.insert(to_tell_.end(), changes.to_tell.begin(), changes.to_tell.end());
  changes.to_tell.clear();
  for (const auto& [local, remote] : changes.matched) {
    if (local->is.kind == Kind::kPublisher && keeps(remote)) {
      send_kept(*local, remote);
    }
    if (std::exchange(local->wants_room, false)) {  // a client that asked before there was a server
      local->gate.post_writable();
    }
  }
  changes.matched.clear();
  graph_changed_ = graph_changed_ || std::exchange(changes.graph, false);
}

Header Link::header_of(Header::Kind kind, const Local& from, std::uint64_t sequence) const {
  Header header;
  header.kind = kind;
  header.from = from.is.id;
  header.sequence = sequence;
  header.source_wall_ns = static_cast<std::uint64_t>(core::wall_now_ns());
  return header;
}

Sent Link::publish_to(std::string_view to, const Local& from, const Kept& message) {
  Header header = header_of(Header::Kind::kData, from, message.sequence);
  header.source_wall_ns = message.source_wall_ns;
  header.reliable = from.is.qos.reliability == bus::Reliability::kReliable;
  header.transient_local = keeps(from.is);
  header.type = from.is.type.name;
  header.hash = from.is.type.hash;
  write_header(header, header_);
  return sockets_.publish(to, header_, message.payload, header.reliable);
}

/// What does not fit into the queue of a slow link is a gap in the sequence for its reader, and counted there.
void Link::send_kept(Local& from, const Announcement& late) {
  for (const Kept& message : from.kept) {
    static_cast<void>(publish_to(to_one(late.id), from, message));
  }
  look_after_publish(core::monotonic_now_ns());
}

Expected<void, bus::SendError> Link::publish(Local& from, bus::Bytes bytes) {
  if (bytes.size() > options_.max_message_bytes) {
    return Unexpected(bus::SendError::kTooLarge);
  }
  const auto wall_ns = static_cast<std::uint64_t>(core::wall_now_ns());
  ::zmq::message_t payload(bytes.data(), bytes.size());  // copied before the lock
  const std::scoped_lock lock(mutex_);
  Kept message{.sequence = from.sequence + 1, .source_wall_ns = wall_ns, .payload = std::move(payload)};
  const Sent sent = publish_to(to_all(from.is), from, message);
  look_after_publish(core::monotonic_now_ns());
  if (sent == Sent::kFull) {
    from.wants_room = true;
    want_room();
    return Unexpected(bus::SendError::kWouldBlock);
  }
  ++from.sequence;
  if (keeps(from.is)) {
    for (const EndpointId& id : from.matched) {
      if (keeps(*directory_.remote(id))) {
        static_cast<void>(publish_to(to_one(id), from, message));
      }
    }
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
  const ::zmq::message_t payload(bytes.data(), bytes.size());
  const std::scoped_lock lock(mutex_);
  Sent sent = Sent::kUnreachable;
  if (!from.matched.empty()) {
    const EndpointId& server = from.matched.front();  // of several, the one found first
    Header header = header_of(Header::Kind::kRequest, from, from.sequence + 1);
    header.to = server;
    write_header(header, header_);
    sent = sockets_.ask(process_of(server), header_, payload);
    look_after_ask();
  }
  if (sent != Sent::kYes) {
    from.wants_room = true;
    if (sent == Sent::kFull) {
      want_room();
    }
    return Unexpected(bus::SendError::kWouldBlock);
  }
  ++from.sequence;
  return bus::RequestId{.client = from.is.id, .sequence = static_cast<std::int64_t>(from.sequence)};
}

Expected<void, bus::SendError> Link::reply(Local& from, const bus::RequestId& id, bus::Bytes bytes) {
  if (bytes.size() > options_.max_message_bytes) {
    return Unexpected(bus::SendError::kTooLarge);
  }
  const ::zmq::message_t payload(bytes.data(), bytes.size());
  const std::scoped_lock lock(mutex_);
  if (!directory_.knows(process_of(id.client))) {
    return Unexpected(bus::SendError::kNoPeer);
  }
  Header header = header_of(Header::Kind::kReply, from, static_cast<std::uint64_t>(id.sequence));
  header.to = id.client;
  write_header(header, header_);
  const Sent sent = sockets_.ask(process_of(id.client), header_, payload);
  look_after_ask();
  if (sent == Sent::kFull) {
    from.wants_room = true;
    want_room();
    return Unexpected(bus::SendError::kWouldBlock);
  }
  return sent == Sent::kYes ? Expected<void, bus::SendError>() : Unexpected(bus::SendError::kNoPeer);
}

bus::Matched Link::matched(const Local& local) const {
  const std::scoped_lock lock(mutex_);
  return {.current = local.matched.size(), .total = local.total_matched};
}

void Link::add_node(const bus::NodeInfo& node) {
  const std::scoped_lock lock(mutex_);
  Announcement made;
  made.kind = Kind::kNode;
  made.id = make_id(process_, ++last_number_);
  made.name = node.name;
  made.node = node.enclave;
  check_texts(made);
  sockets_.subscribe(write_announcement(made));
  Changes changes;
  directory_.add_node(made, changes);
  note(changes);
  wake();
}

void Link::remove_node(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  Changes changes;
  if (const auto removed = directory_.remove_node(name, changes)) {
    sockets_.unsubscribe(write_announcement(*removed));
  }
  note(changes);
  wake();
}

bus::Graph Link::graph() const {
  const std::scoped_lock lock(mutex_);
  return directory_.graph();
}

ZmqStatistics Link::statistics() const {
  const std::scoped_lock lock(mutex_);
  return {.malformed = bad_.count(), .peers = directory_.reachable_count()};
}

}  // namespace takt::zmq::internal
