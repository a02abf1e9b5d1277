#include "takt/transports/zmq/internal/socket.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "takt/core/error.hpp"

namespace takt::zmq::internal {
namespace {

namespace option = ::zmq::sockopt;
using ::zmq::socket_type;

/// Header or announcement, beside the payload.
constexpr std::size_t kFrameSlack = std::size_t{64} << 10U;
/// Messages of a connection that libzmq keeps for one that does not read, and reads ahead. Lanes need fewer (what is on
/// the way to a process is bounded); who lets more lie is gone, or means ill. As much is read ahead: libzmq (4.3) may
/// abort when a connection of which it reads no more ends, or its heartbeat is due.
constexpr int kReadAhead = 1 << 17;
constexpr int kUnread = 1 << 17;

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

/// Of a connection that may have ended since: then "", or that of the one that has its number now, and says so next.
std::string host_at(int connection) {
  sockaddr_storage at{};
  socklen_t size = sizeof(at);
  std::array<char, INET6_ADDRSTRLEN> host{};
  if (getpeername(connection, reinterpret_cast<sockaddr*>(&at), &size) != 0 || at.ss_family == AF_UNIX ||
      getnameinfo(reinterpret_cast<const sockaddr*>(&at), size, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) !=
          0) {
    return "";
  }
  return host.data();
}

/// What follows the frames that are kept is dropped as it comes; the last of them then says that there is more.
bool receive_frames(::zmq::socket_t& socket, Socket::Frames& frames) {
  constexpr std::size_t kMaxFrames = 3;  // at a ROUTER the routing id, a header, a payload; of a monitor two
  frames.clear();
  bool more = true;
  while (more) {
    ::zmq::message_t frame;
    if (!uninterrupted([&] { return socket.recv(frame, ::zmq::recv_flags::dontwait).has_value(); })) {
      return false;
    }
    more = frame.more();  // the socket would say so too, and be asked for each frame
    if (frames.size() < kMaxFrames) {
      frames.push_back(std::move(frame));
    }
  }
  return true;
}

}  // namespace

void check_address(const std::string& address) {
  if (address.starts_with("ipc://") && address.size() > 6) {
    return;
  }
  const std::size_t colon = address.rfind(':');
  std::uint16_t port = 0;
  if (address.starts_with("tcp://") && colon > 6 && colon != std::string::npos) {
    const char* const end = address.data() + address.size();
    const auto read = std::from_chars(address.data() + colon + 1, end, port);
    if (read.ec == std::errc{} && read.ptr == end && port >= 1) {
      return;
    }
  }
  throw LogicError(fmt::format("zmq: '{}' is no address; it is tcp://host:port or ipc://path", address));
}

ZmqOptions checked(const ZmqOptions& options) {
  if (options.queue <= 0 || options.room == 0 || options.room_bytes == 0 || options.heartbeat_ms <= 0 ||
      options.patience_ms <= 0) {
    throw LogicError(
        fmt::format("zmq: queue is {}, room {}, room_bytes {}, heartbeat_ms {} and patience_ms {}; all are above 0",
                    options.queue, options.room, options.room_bytes, options.heartbeat_ms, options.patience_ms));
  }
  check_address(options.address);
  return with_keys(options);
}

Socket::Socket(const ZmqOptions& options, std::uint64_t process)
    : binds_(options.binds),
      process_(process),
      socket_(context_, options.binds ? socket_type::router : socket_type::dealer),
      monitor_(context_, socket_type::pair) {
  try {
    if (!options.clients.empty()) {
      doorman_.emplace(context_, options.clients);
    }
    set_up(options);
    set_keys(socket_, options);
    if (binds_) {
      socket_.bind(options.address);
    } else {
      socket_.connect(options.address);
    }
  } catch (const ::zmq::error_t& error) {
    const char* hint = binds_ && error.num() == ENODEV ? " (name an address of this host, or *)" : "";
    throw SystemError(fmt::format("zmq: cannot {} {}{}", binds_ ? "bind" : "connect to", options.address, hint),
                      error.num());
  }
}

void Socket::set_up(const ZmqOptions& options) {
  socket_.set(option::sndhwm, kUnread);
  socket_.set(option::rcvhwm, kReadAhead);
  socket_.set(option::linger, kLinger_ms);
  socket_.set(option::immediate, true);  // a connection that is lost is gone at once, with all that was said on it
  socket_.set(option::reconnect_ivl, 50);
  socket_.set(option::reconnect_ivl_max, 1000);
  socket_.set(option::heartbeat_ivl, options.heartbeat_ms);
  socket_.set(option::heartbeat_timeout, 3 * options.heartbeat_ms);
  socket_.set(option::heartbeat_ttl, 3 * options.heartbeat_ms / 100 * 100);
  socket_.set(option::maxmsgsize, static_cast<std::int64_t>(options.max_message_bytes + kFrameSlack));
  if (binds_) {
    socket_.set(option::router_mandatory, true);
    socket_.set(option::router_handover, true);
  } else {
    socket_.set(option::routing_id, ::zmq::const_buffer(&process_, sizeof(process_)));
  }
  const std::string watched = fmt::format("inproc://monitor-{:x}", process_);
  if (zmq_socket_monitor(socket_.handle(), watched.c_str(),
                         ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED |
                             ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                             ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) != 0) {
    throw ::zmq::error_t();
  }
  monitor_.connect(watched);
}

bool Socket::send(std::uint64_t to, bus::Bytes header, bus::Bytes payload) {
  std::array<::zmq::message_t, 1> frame{::zmq::message_t(header.size() + payload.size())};
  auto* const bytes = static_cast<std::byte*>(frame[0].data());
  std::ranges::copy(payload, std::ranges::copy(header, bytes).out);
  return send_frames(to, frame);
}

bool Socket::send(std::uint64_t to, bus::Bytes header, ::zmq::message_t payload) {
  std::array<::zmq::message_t, 2> frames{::zmq::message_t(header.data(), header.size()), std::move(payload)};
  return send_frames(to, frames);
}

bool Socket::send_frames(std::uint64_t to, std::span<::zmq::message_t> frames) {
  try {
    const auto sent = [&](auto& part, bool more) {
      const auto flags = (more ? ::zmq::send_flags::sndmore : ::zmq::send_flags::none) | ::zmq::send_flags::dontwait;
      return uninterrupted([&] { return socket_.send(part, flags).has_value(); });
    };
    const ::zmq::const_buffer name(&to, sizeof(to));  // goes before it at a ROUTER
    if (binds_ && !sent(name, true)) {
      return false;
    }
    for (::zmq::message_t& frame : frames) {
      if (!sent(frame, &frame != &frames.back())) {
        return false;
      }
    }
    return true;
  } catch (const ::zmq::error_t& error) {
    if (error.num() != EHOSTUNREACH) {
      throw;
    }
    return false;
  }
}

bool Socket::receive(Frames& frames, std::optional<std::uint64_t>& from) {
  if (!receive_frames(socket_, frames)) {
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

std::optional<ConnectionEvent> Socket::receive_event() {
  Frames frames;
  if (!receive_frames(monitor_, frames)) {
    return std::nullopt;
  }
  std::uint16_t event = 0;
  std::uint32_t detail = 0;
  if (frames.front().size() >= sizeof(event) + sizeof(detail)) {
    std::memcpy(&event, frames.front().data(), sizeof(event));
    std::memcpy(&detail, frames.front().data<char>() + sizeof(event), sizeof(detail));
  }
  ConnectionEvent said{
      .kind = ConnectionEvent::Kind::kRefused, .connection = static_cast<int>(detail), .address = {}, .text = {}};
  if (event == ZMQ_EVENT_ACCEPTED) {
    said.kind = ConnectionEvent::Kind::kAccepted;
    said.address = host_at(said.connection);
  } else if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
    said.kind = ConnectionEvent::Kind::kBegun;
  } else if (event == ZMQ_EVENT_DISCONNECTED) {
    said.kind = ConnectionEvent::Kind::kEnded;
  } else {
    said.text = fmt::format("{} (ZeroMQ says {:#x}, {:#x})", frames.back().to_string_view(), event, detail);
  }
  return said;
}

void Socket::answer_door() {
  if (doorman_) {
    doorman_->answer();
  }
}

std::array<int, 3> Socket::descriptors() const {
  return {socket_.get(option::fd), monitor_.get(option::fd), doorman_ ? doorman_->descriptor() : -1};
}

bool Socket::is_ready() const {
  return uninterrupted([&] { return (socket_.get(option::events) & ZMQ_POLLIN) != 0; });
}

}  // namespace takt::zmq::internal
