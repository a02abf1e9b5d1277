// Sessions. A connector says hello, with a number that nobody can guess, until it is welcomed by who says it back. From
// then on every message of both directions carries the number of the session. What belongs to another is dropped, so
// that nothing from before a connection was lost passes for now. Hello and welcome each mean: forget what you know of
// me.
//
// A session begins with all that a process has, and with nothing on the way. So it begins for the binder when the
// connector says that it has read the welcome, and for the connector with a welcome that carries its number: who said
// that has read all that was sent before, or it went with its connection, or lies at one that counts (may_come). Who
// does not read gets nothing more.
//
//   connector:  greeting --welcome--> in session --connection ended, "again"--> greeting, with another number
//   binder:     unknown --hello--> welcoming --receipt--> in session --cannot be reached--> unknown; hello of another
//               number: welcoming
#include <algorithm>

#include "takt/transports/zmq/internal/link.hpp"

namespace takt::zmq::internal {
namespace {

constexpr core::Nanoseconds kMillisecond_ns = 1'000'000;
constexpr core::Nanoseconds kHelloPeriod_ns = 50 * kMillisecond_ns;
/// Who says hello more often is not heard: each costs as much as this process has.
constexpr core::Nanoseconds kHelloPause_ns = 20 * kMillisecond_ns;
constexpr core::Nanoseconds kLookPeriod_ns = 100 * kMillisecond_ns;
/// Processes, and connections of one address: who fills that leaves room for others.
constexpr std::size_t kMaxPeers = 1024;
constexpr std::ptrdiff_t kMaxConnectionsOfAddress = 256;
constexpr std::size_t kMaxAnnouncedOfAddress = 16384;
/// ZeroMQ says that a connection ended, and not whose, a little before it can be noticed by sending.
constexpr int kProbes = 5;
constexpr int kProbePeriod_ms = 2;
constexpr int kLeavingPeriod_ms = 10;
constexpr int kLongest_ms = 500;

}  // namespace

std::string Link::address_of(int connection) const {
  const auto known = connections_.find(connection);
  return known == connections_.end() ? "" : known->second;
}

/// At each connection what was sent in a session may lie unread: also at one from which another took over, which it
/// does by the name of its process alone, and which stays for as long as the other end wants it to.
bool Link::may_come(const std::string& address) const {
  return std::ranges::count(connections_, address, &decltype(connections_)::value_type::second) <=
         kMaxConnectionsOfAddress;
}

bool Link::may_announce(std::uint64_t process) const {
  const std::string& address = peers_.at(process).address;
  std::size_t announced = 0;
  for (const auto& [id, peer] : peers_) {
    announced += peer.address == address ? directory_.count_of(id) : 0;
  }
  return announced < kMaxAnnouncedOfAddress;
}

/// The binder's, to a hello.
void Link::welcome(std::uint64_t process, const Header& hello, std::string address) {
  Changes changes;
  directory_.forget_process(process, changes);
  note(changes);
  Peer& peer = peers_[process];
  peer = {};
  peer.session = hello.session;
  peer.address = std::move(address);
  peer.greeted_ns = core::monotonic_now_ns();
  peer.token = random_number();
  Header header;
  header.kind = Header::Kind::kWelcome;
  header.from = process_;
  header.position = hello.sequence;
  header.sequence = peer.token;
  send(process, header);
}

void Link::begin(std::uint64_t process) {
  peers_.at(process).has_begun = true;
  for (const Announcement& node : directory_.nodes()) {
    announce_to(process, node);
  }
  for (const auto& [id, local] : directory_.locals()) {
    announce_to(process, local->is);
  }
}

void Link::forget(std::uint64_t process) {
  peers_.erase(process);
  Changes changes;
  directory_.forget_process(process, changes);
  note(changes);
}

void Link::end_lost() {
  while (!lost_.empty()) {  // forgetting one may find out that another is lost
    const std::uint64_t process = lost_.back();
    lost_.pop_back();
    if (!peers_.contains(process)) {
      continue;
    }
    forget(process);
    if (!options_.binds) {
      greet_again();
    }
  }
}

void Link::greet_again() {
  session_ = static_cast<std::uint32_t>(random_number());
  hello_ = random_number();
  next_hello_ns_ = 0;
}

/// What is due. The connector says hello until it is welcomed; the binder sees by a pulse who is there.
void Link::keep_in_touch() {
  const core::Nanoseconds now_ns = core::monotonic_now_ns();
  if (!options_.binds && peers_.empty() && now_ns >= next_hello_ns_) {
    next_hello_ns_ = now_ns + kHelloPeriod_ns;
    Header hello;
    hello.kind = Header::Kind::kHello;
    hello.session = session_;
    hello.from = process_;
    hello.sequence = hello_;
    static_cast<void>(socket_.send(0, write_header(hello), bus::Bytes{}));  // there is a next time
  }
  if (now_ns >= next_look_ns_) {
    next_look_ns_ = now_ns + kLookPeriod_ns;
    lose_patience();
  }
  if (options_.binds && (probes_left_ > 0 || now_ns >= next_pulse_ns_)) {
    probes_left_ = std::max(0, probes_left_ - 1);
    next_pulse_ns_ = now_ns + options_.heartbeat_ms * kMillisecond_ns;
    for (const auto& [process, peer] : peers_) {
      send(process, {});
    }
  }
}

int Link::longest_wait_ms() const {
  if (!leaving_.empty()) {
    return kLeavingPeriod_ms;
  }
  if (options_.binds) {
    return probes_left_ > 0 ? kProbePeriod_ms : std::min(kLongest_ms, options_.heartbeat_ms);
  }
  return peers_.empty() ? static_cast<int>(kHelloPeriod_ns / kMillisecond_ns) : kLongest_ms;
}

void Link::on_hello(std::uint64_t process, const Header& header, int connection) {
  hear_of_connections();  // this one is not said with the address of one that had its number
  const auto known = peers_.find(process);
  if (known != peers_.end()) {
    const bool too_soon = core::monotonic_now_ns() < known->second.greeted_ns + kHelloPause_ns;
    if (known->second.session == header.session || too_soon) {
      return;  // the answer is on its way; or it asks again
    }
  }
  std::string address = address_of(connection);
  if (!may_come(address) || (known == peers_.end() && peers_.size() >= kMaxPeers)) {
    bad("more connections of one address than may be, or more processes than are remembered");
    return;
  }
  welcome(process, header, std::move(address));
}

void Link::on_welcome(const Header& header) {
  if (header.session != session_ || header.position != hello_ || header.from == process_ || !peers_.empty()) {
    return;  // from before the connection was lost, or said before, or by one that does not read
  }
  peers_[header.from].session = header.session;
  Header read;
  read.kind = Header::Kind::kReceipt;
  read.sequence = header.sequence;
  send(header.from, read);
  begin(header.from);
}

void Link::hear_of_connections() {
  while (const auto event = socket_.receive_event()) {
    on_event(*event);
  }
}

void Link::on_event(const ConnectionEvent& event) {
  if (event.kind == ConnectionEvent::Kind::kAccepted) {
    connections_.insert_or_assign(event.connection, event.address);
    return;
  }
  if (event.kind == ConnectionEvent::Kind::kEnded) {
    connections_.erase(event.connection);
  }
  if (event.kind == ConnectionEvent::Kind::kRefused) {
    bad_.note("a connection that does not begin: keys that do not fit, or only one side encrypts", event.text);
  } else if (event.kind == ConnectionEvent::Kind::kBegun) {
    next_hello_ns_ = 0;
  } else if (options_.binds) {
    probes_left_ = kProbes;
  } else if (peers_.empty()) {
    greet_again();
  } else {
    lost_.push_back(peers_.begin()->first);
  }
}

}  // namespace takt::zmq::internal
