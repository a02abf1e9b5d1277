// What a user's thread does with a link, and what goes out. Sessions are in link_session.cpp, the receive thread in
// link_receive.cpp.
#include "takt/transports/zmq/internal/link.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <random>

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace takt::zmq::internal {
namespace {

/// As long as ZeroMQ lingers when the transport goes.
constexpr std::chrono::milliseconds kLinger(kLinger_ms);

/// New each time: two processes, or two lives of one, are never taken for the same. Odd in its first byte, since no
/// routing id begins with zero.
std::uint64_t random_process() {
  std::random_device random;
  return (std::uint64_t{random()} << 32U) | std::uint64_t{random()} | 1U;
}

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

/// A reader that keeps the last presses nobody back; requests and replies must all arrive.
Lane::Rule rule_of(const Announcement& from, const Announcement& to, int queue) {
  const bool is_topic = from.kind == Kind::kPublisher;
  const bool keeps_all = !is_topic || to.qos.depth == 0;
  return {.room = keeps_all ? static_cast<std::size_t>(queue) : to.qos.depth,
          .presses_back = keeps_all && (!is_topic || (is_reliable(from) && is_reliable(to))),
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
      process_(random_process()),
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

void Link::look_again_if_ready() {
  if (socket_.is_ready()) {
    look_again();
  }
}

std::shared_ptr<Local> Link::add(Announcement made, bus::EndpointEvents events) {
  check_texts(made);
  const std::scoped_lock lock(mutex_);
  made.id = make_id(process_, ++last_number_);
  if (made.kind != Kind::kPublisher) {
    made.window = window_of(made.kind == Kind::kSubscription ? made.qos : bus::Qos{.depth = 0}, options_.room);
  }
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
    std::unique_lock lock(mutex_);
    if (is_reliable(local->is) && std::this_thread::get_id() != thread_.get_id()) {
      const auto is_empty = [](const auto& entry) { return entry.second.is_empty(); };
      lane_emptied_.wait_for(lock, kLinger, [&] { return std::ranges::all_of(local->lanes, is_empty); });
    }
    withdraw(local->is);
    Changes changes;
    directory_.remove(local, changes);
    note(changes);
    look_again();
  }
  local->gate.close();
}

void Link::announce(const Announcement& made) {
  for (const auto& [process, peer] : peers_) {
    announce_to(process, made);
  }
}

void Link::announce_to(std::uint64_t process, const Announcement& made) {
  Header header;
  header.kind = Header::Kind::kAnnounce;
  const auto bytes = write_announcement(made);
  send(process, header, ::zmq::message_t(bytes.data(), bytes.size()));
}

void Link::withdraw(const Announcement& made) {
  Header header;
  header.kind = Header::Kind::kWithdraw;
  header.from = number_of(made.id);
  for (const auto& [process, peer] : peers_) {
    send(process, header);
  }
}

/// A process that cannot be reached is forgotten by the receive thread: here somebody may walk through what it has.
void Link::send(std::uint64_t process, Header header, ::zmq::message_t payload) {
  const auto peer = peers_.find(process);
  if (peer == peers_.end()) {
    return;
  }
  header.session = peer->second.session;
  write_header(header, header_);
  if (!socket_.send(process, header_, std::move(payload))) {
    lost_.push_back(process);
    wake();
  }
}

void Link::pump(const Local& from, const EndpointId& to, Lane& lane) {
  while (auto message = lane.next()) {
    Header header;
    header.kind = content_of(from.is.kind);
    header.from = number_of(from.is.id);
    header.to = number_of(to);
    header.position = lane.position();
    header.sequence = message->sequence;
    header.source_wall_ns = message->source_wall_ns;
    send(process_of(to), header, std::move(message->payload));
  }
}

/// Events are told by the receive thread; what was kept goes out at once.
void Link::note(Changes& changes) {
  to_tell_.insert(to_tell_.end(), changes.to_tell.begin(), changes.to_tell.end());
  graph_changed_ = graph_changed_ || changes.graph;
  for (const auto& [local, id] : changes.unmatched) {
    local->lanes.erase(id);
    local->receptions.erase(id);
    tell_when_writable(local);
    grant(*local);  // what the one that left had been granted is the others' now
  }
  for (const auto& [local, remote] : changes.matched) {
    on_matched(*local, remote);
    tell_when_writable(local);
  }
  changes = {};
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

Outgoing Link::outgoing(std::uint64_t sequence, bus::Bytes bytes) const {
  return {.sequence = sequence,
          .source_wall_ns = static_cast<std::uint64_t>(core::wall_now_ns()),
          .payload = ::zmq::message_t(bytes.data(), bytes.size())};
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
  if (local.owes_grants && 2 * local.inbox.size() <= local.room) {
    const std::scoped_lock lock(mutex_);
    grant(local);
    look_again_if_ready();
  }
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

ZmqStatistics Link::statistics() const {
  const std::scoped_lock lock(mutex_);
  return {.malformed = bad_.count(), .peers = peers_.size()};
}

}  // namespace takt::zmq::internal
