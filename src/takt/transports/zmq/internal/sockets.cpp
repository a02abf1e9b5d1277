#include "takt/transports/zmq/internal/sockets.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>

#include <fmt/format.h>
#include <unistd.h>

#include "takt/core/error.hpp"

namespace takt::zmq::internal {
namespace {

namespace option = ::zmq::sockopt;
using ::zmq::socket_type;

/// Header and names, beside the payload.
constexpr std::size_t kFrameSlack = std::size_t{64} << 10U;

/// A signal may interrupt even what does not wait.
template <class Call>
auto uninterrupted(Call call) {
  while (true) {
    try {
      return call();
    } catch (const ::zmq::error_t& error) {
      if (error.num() != EINTR) {
        throw;
      }
    }
  }
}

/// A part of a message; `more` follow. @return false when there is no room
bool send_part(::zmq::socket_t& socket, ::zmq::const_buffer part, bool more) {
  const auto flags = (more ? ::zmq::send_flags::sndmore : ::zmq::send_flags::none) | ::zmq::send_flags::dontwait;
  return uninterrupted([&] { return socket.send(part, flags).has_value(); });
}

/// The last part of a message; shares its bytes.
void send_payload(::zmq::socket_t& socket, const ::zmq::message_t& payload) {
  ::zmq::message_t copy;
  copy.copy(const_cast<::zmq::message_t&>(payload));
  static_cast<void>(uninterrupted([&] { return socket.send(copy, ::zmq::send_flags::dontwait); }));
}

ZmqOptions checked(ZmqOptions options) {
  if (options.queue <= 0 || options.room == 0 || options.heartbeat_ms <= 0) {
    throw LogicError(fmt::format("zmq: queue is {}, room {} and heartbeat_ms {}; all are above 0", options.queue,
                                 options.room, options.heartbeat_ms));
  }
  const bool encrypts = !options.keys.secret_key.empty() || !options.server_key.empty();
  if (encrypts && zmq_has("curve") == 0) {
    throw SystemError("zmq: the installed libzmq cannot encrypt: it was built without CURVE");
  }
  for (const std::string* const key : {&options.keys.public_key, &options.keys.secret_key, &options.server_key}) {
    if (!key->empty() && key->size() != 40) {
      throw LogicError(fmt::format("zmq: a CURVE key has 40 characters, this one {}", key->size()));
    }
  }
  if (!options.binds && !options.server_key.empty() && options.keys.secret_key.empty()) {
    options.keys = make_curve_keys();
  }
  return options;
}

}  // namespace

std::string address_of(const std::string& address, std::size_t channel) {
  constexpr std::array<std::string_view, 3> kSuffixes{"", ".in", ".ask"};
  if (address.starts_with("ipc://") && address.size() > 6) {
    return address + std::string(kSuffixes.at(channel));
  }
  const std::size_t colon = address.rfind(':');
  unsigned port = 0;
  if (address.starts_with("tcp://") && colon > 6 && colon != std::string::npos) {
    const char* const end = address.data() + address.size();
    const auto read = std::from_chars(address.data() + colon + 1, end, port);
    if (read.ec == std::errc{} && read.ptr == end && port >= 1 && port <= 65533) {
      return fmt::format("{}:{}", address.substr(0, colon), port + channel);
    }
  }
  throw LogicError(
      fmt::format("zmq: '{}' is no address; it is tcp://host:port, the port at most 65533, or ipc://path", address));
}

Sockets::Sockets(const ZmqOptions& given, std::uint64_t process)
    : binds_(given.binds),
      process_(process),
      publisher_(context_, socket_type::xpub),
      subscriber_(context_, socket_type::sub),
      asker_(context_, given.binds ? socket_type::router : socket_type::dealer),
      monitor_(context_, socket_type::pair) {
  const ZmqOptions options = checked(given);
  for (::zmq::socket_t* const socket : {&publisher_, &subscriber_, &asker_}) {
    set_up(*socket, options);
  }
  if (binds_) {
    asker_.set(option::router_mandatory, true);
    asker_.set(option::router_handover, true);
  } else {
    asker_.set(option::routing_id, ::zmq::const_buffer(&process_, sizeof(process_)));
  }
  const std::string watched = fmt::format("inproc://monitor-{:x}", process_);
  zmq_socket_monitor(
      asker_.handle(), watched.c_str(),
      ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
  monitor_.connect(watched);
  open(publisher_, options, binds_ ? 0 : 1);
  open(subscriber_, options, binds_ ? 1 : 0);
  open(asker_, options, 2);
}

void Sockets::set_up(::zmq::socket_t& socket, const ZmqOptions& options) const {
  socket.set(option::sndhwm, options.queue);
  socket.set(option::rcvhwm, options.queue);
  socket.set(option::linger, 100);
  socket.set(option::immediate, true);  // a connection that is lost is gone at once, with all that was said on it
  socket.set(option::reconnect_ivl, 50);
  socket.set(option::reconnect_ivl_max, 1000);
  socket.set(option::heartbeat_ivl, options.heartbeat_ms);
  socket.set(option::heartbeat_timeout, 3 * options.heartbeat_ms);
  socket.set(option::heartbeat_ttl, 3 * options.heartbeat_ms / 100 * 100);
  socket.set(option::maxmsgsize, static_cast<std::int64_t>(options.max_message_bytes + kFrameSlack));
  if (options.binds && !options.keys.secret_key.empty()) {
    socket.set(option::curve_server, true);
    socket.set(option::curve_secretkey, options.keys.secret_key);
  } else if (!options.binds && !options.server_key.empty()) {
    socket.set(option::curve_serverkey, options.server_key);
    socket.set(option::curve_publickey, options.keys.public_key);
    socket.set(option::curve_secretkey, options.keys.secret_key);
  }
}

void Sockets::open(::zmq::socket_t& socket, const ZmqOptions& options, std::size_t channel) {
  const std::string address = address_of(options.address, channel);
  try {
    if (binds_) {
      socket.bind(address);
    } else {
      socket.connect(address);
    }
  } catch (const ::zmq::error_t& error) {
    throw SystemError(fmt::format("zmq: cannot {} {}", binds_ ? "bind" : "connect to", address), error.num());
  }
}

Sent Sockets::publish(std::string_view to, bus::Bytes header, const ::zmq::message_t& payload, bool sure) {
  if (sure != sure_) {
    publisher_.set(option::xpub_nodrop, sure);
    sure_ = sure;
  }
  if (!send_part(publisher_, {to.data(), to.size()}, true)) {
    return Sent::kFull;
  }
  send_part(publisher_, {header.data(), header.size()}, true);
  send_payload(publisher_, payload);
  return Sent::kYes;
}

Sent Sockets::ask(std::uint64_t process, bus::Bytes header, const ::zmq::message_t& payload) {
  try {
    if (binds_ && !send_part(asker_, {&process, sizeof(process)}, true)) {
      return Sent::kFull;
    }
    if (!send_part(asker_, {header.data(), header.size()}, true)) {
      return Sent::kFull;
    }
    send_payload(asker_, payload);
    return Sent::kYes;
  } catch (const ::zmq::error_t& error) {
    if (error.num() != EHOSTUNREACH) {
      throw;
    }
    return Sent::kUnreachable;
  }
}

bool Sockets::receive(::zmq::socket_t& socket, Frames& frames) {
  frames.clear();
  do {
    ::zmq::message_t& frame = frames.emplace_back();
    if (!uninterrupted([&] { return socket.recv(frame, ::zmq::recv_flags::dontwait).has_value(); })) {
      return false;
    }
  } while (frames.back().more());
  return true;
}

std::optional<::zmq::message_t> Sockets::receive_subscription() {
  Frames frames;
  if (!receive(publisher_, frames)) {
    return std::nullopt;
  }
  return frames.size() == 1 ? std::move(frames.front()) : ::zmq::message_t();
}

bool Sockets::receive_asked(Frames& frames, std::optional<std::uint64_t>& from) {
  if (!receive(asker_, frames)) {
    return false;
  }
  from.reset();
  if (binds_) {  // ROUTER puts the routing id before it
    if (frames.front().size() == sizeof(process_)) {
      from.emplace();
      std::memcpy(&*from, frames.front().data(), sizeof(process_));
    }
    frames.erase(frames.begin());
  }
  return true;
}

std::optional<std::string> Sockets::receive_refusal() {
  Frames frames;
  if (!receive(monitor_, frames)) {
    return std::nullopt;
  }
  std::uint16_t event = 0;
  std::uint32_t detail = 0;
  if (frames.front().size() >= sizeof(event) + sizeof(detail)) {
    std::memcpy(&event, frames.front().data(), sizeof(event));
    std::memcpy(&detail, frames.front().data<char>() + sizeof(event), sizeof(detail));
  }
  return fmt::format("{} (ZeroMQ says {:#x}, {:#x})", frames.back().to_string_view(), event, detail);
}

std::array<int, 4> Sockets::descriptors() const {
  return {publisher_.get(option::fd), subscriber_.get(option::fd), asker_.get(option::fd), monitor_.get(option::fd)};
}

bool Sockets::is_ready(const ::zmq::socket_t& socket) {
  return uninterrupted([&] { return (socket.get(option::events) & ZMQ_POLLIN) != 0; });
}

bool Sockets::ready() const {
  return is_ready(publisher_) || is_ready(subscriber_) || is_ready(asker_) || is_ready(monitor_);
}

}  // namespace takt::zmq::internal
