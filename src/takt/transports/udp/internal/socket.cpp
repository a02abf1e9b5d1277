#include "takt/transports/udp/internal/socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include "takt/transports/udp/internal/datagram.hpp"

namespace takt::udp::internal {
namespace {

constexpr std::size_t kBatch = 32;
constexpr std::size_t kBufferBytes = 65536;
constexpr std::size_t kMostCut = 64;  // datagrams that Linux cuts a send into

core::FileDescriptor open_socket(int buffer_bytes) {
  core::FileDescriptor made(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!made) {
    throw SystemError("udp: a socket cannot be made", errno);
  }
  // Less than asked for is no failure: what does not fit is lost, and counted.
  setsockopt(made.get(), SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof(buffer_bytes));
  setsockopt(made.get(), SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof(buffer_bytes));
  return made;
}

template <class Value>
void set(const core::FileDescriptor& at, int level, int option, const Value& value, const char* what) {
  if (setsockopt(at.get(), level, option, &value, sizeof(value)) != 0) {
    throw SystemError(fmt::format("udp: {}", what), errno);
  }
}

void bind_to(const core::FileDescriptor& at, const Address& address) {
  if (bind(at.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    throw SystemError(fmt::format("udp: cannot listen at {}", text_of(address)), errno);
  }
}

Address resolve(const std::string& host, std::uint16_t port) {
  Address address{};
  address.sin_family = AF_INET;
  if (host.empty() || host == "*") {
    address.sin_port = htons(port);
    return address;
  }
  addrinfo wanted{};
  wanted.ai_family = AF_INET;
  wanted.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &wanted, &found);
  if (error != 0) {
    throw SystemError(fmt::format("udp: the host '{}' is not known: {}", host, gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  std::memcpy(&address, found->ai_addr, sizeof(address));
  address.sin_port = htons(port);
  return address;
}

}  // namespace

std::string text_of(const Address& address) {
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
  return fmt::format("{}:{}", text.data(), ntohs(address.sin_port));
}

bool same(const Address& one, const Address& other) noexcept {
  return one.sin_addr.s_addr == other.sin_addr.s_addr && one.sin_port == other.sin_port;
}

Socket::Socket(const UdpOptions& options)
    : address_(resolve(options.host, options.port)), is_group_(IN_MULTICAST(ntohl(address_.sin_addr.s_addr))) {
  if (options.listens && is_group_) {
    throw LogicError(fmt::format("udp: '{}' is a multicast group, which has no listener", options.host));
  }
  if (!options.listens && (options.port == 0 || address_.sin_addr.s_addr == 0)) {
    throw LogicError(fmt::format("udp: '{}:{}' names no group or host to send to", options.host, options.port));
  }
  receive_ = open_socket(options.socket_buffer_bytes);
  if (is_group_) {
    open_group(options);
  } else {
    open_unicast(options);
  }
  const timeval wait{.tv_sec = 0, .tv_usec = kWait_ns / 1000};
  set(receive_, SOL_SOCKET, SO_RCVTIMEO, wait, "a wait cannot be bounded");
  set_up_batch();
  Address bound{};
  socklen_t size = sizeof(bound);
  getsockname(receive_.get(), reinterpret_cast<sockaddr*>(&bound), &size);
  port_ = ntohs(bound.sin_port);
}

void Socket::open_group(const UdpOptions& options) {
  ip_mreqn membership{};
  membership.imr_multiaddr = address_.sin_addr;
  membership.imr_address = resolve(options.interface_address, 0).sin_addr;
  set(receive_, SOL_SOCKET, SO_REUSEADDR, 1, "a group's port cannot be shared");  // several members on one host
  bind_to(receive_, address_);
  set(receive_, IPPROTO_IP, IP_ADD_MEMBERSHIP, membership, "the group cannot be joined");
  send_ = open_socket(options.socket_buffer_bytes);
  set(send_, IPPROTO_IP, IP_MULTICAST_IF, membership, "the group's interface cannot be chosen");
  set(send_, IPPROTO_IP, IP_MULTICAST_TTL, options.multicast_hops, "the hops of a group cannot be set");
  fixed_peers_.push_back(address_);
}

void Socket::open_unicast(const UdpOptions& options) {
  if (options.listens) {
    bind_to(receive_, address_);
    return;
  }
  bind_to(receive_, resolve("*", 0));
  fixed_peers_.push_back(address_);
}

Socket::Sent Socket::send(std::span<iovec> parts, const Address& to) noexcept {
  bool any = false;
  bool can_cut = can_cut_;
  while (!parts.empty()) {
    const bool together = can_cut && parts.size() > 2 && 2 * (parts[0].iov_len + parts[1].iov_len) <= kMaxDatagramBytes;
    const int sent = together ? send_to_be_cut(parts, to) : send_each(parts, to);
    if (sent < 0 && together && (errno == EINVAL || errno == EMSGSIZE || errno == EIO || errno == EOPNOTSUPP)) {
      can_cut = false;  // not on the way there, or not so large
      can_cut_ = can_cut_ && errno != EOPNOTSUPP;
      continue;
    }
    if (sent < 0 && errno != EINTR) {
      const bool full = errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS;
      return !full ? Sent::kRefused : any ? Sent::kPart : Sent::kNothing;
    }
    any = any || sent > 0;
    parts = parts.subspan(2 * static_cast<std::size_t>(std::max(sent, 0)));
  }
  return Sent::kYes;
}

int Socket::send_each(std::span<iovec> parts, const Address& to) noexcept {
  std::array<mmsghdr, kBatch> messages{};
  Address address = to;
  const std::size_t count = std::min(parts.size() / 2, messages.size());
  for (std::size_t i = 0; i < count; ++i) {
    msghdr& header = messages[i].msg_hdr;
    header.msg_name = &address;
    header.msg_namelen = sizeof(address);
    header.msg_iov = &parts[2 * i];
    header.msg_iovlen = 2;
  }
  return sendmmsg(sender(), messages.data(), static_cast<unsigned>(count), MSG_DONTWAIT | MSG_NOSIGNAL);
}

/// All are of one size, but for the last of a message, which may be smaller: what the system asks of what it cuts.
int Socket::send_to_be_cut(std::span<iovec> parts, const Address& to) noexcept {
  const auto datagram_bytes = static_cast<std::uint16_t>(parts[0].iov_len + parts[1].iov_len);
  const std::size_t count = std::min({parts.size() / 2, kMostCut, kMaxDatagramBytes / datagram_bytes});
  Address address = to;
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(datagram_bytes))> control{};
  msghdr whole{};
  whole.msg_name = &address;
  whole.msg_namelen = sizeof(address);
  whole.msg_iov = parts.data();
  whole.msg_iovlen = 2 * count;
  whole.msg_control = control.data();
  whole.msg_controllen = control.size();
  cmsghdr* const size = CMSG_FIRSTHDR(&whole);
  size->cmsg_level = SOL_UDP;
  size->cmsg_type = UDP_SEGMENT;
  size->cmsg_len = CMSG_LEN(sizeof(datagram_bytes));
  std::memcpy(CMSG_DATA(size), &datagram_bytes, sizeof(datagram_bytes));
  return sendmsg(sender(), &whole, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -1 : static_cast<int>(count);
}

void Socket::set_up_batch() {
  buffers_.resize(kBatch * kBufferBytes);
  parts_.resize(kBatch);
  from_.resize(kBatch);
  messages_.resize(kBatch);
  for (std::size_t i = 0; i < kBatch; ++i) {
    parts_[i] = {.iov_base = &buffers_[i * kBufferBytes], .iov_len = kBufferBytes};
    msghdr& header = messages_[i].msg_hdr;
    header.msg_name = &from_[i];
    header.msg_namelen = sizeof(from_[i]);
    header.msg_iov = &parts_[i];
    header.msg_iovlen = 1;
  }
}

void Socket::receive(const std::function<void(bus::Bytes, const Address&)>& visit) {
  // Waits for the first and takes what else is there: one system call per batch, where poll would make it two.
  const int count = recvmmsg(receive_.get(), messages_.data(), kBatch, MSG_WAITFORONE, nullptr);
  for (int i = 0; i < count && !ended_; ++i) {
    const auto at = static_cast<std::size_t>(i);
    messages_[at].msg_hdr.msg_namelen = sizeof(from_[at]);
    visit(bus::Bytes(&buffers_[at * kBufferBytes], messages_[at].msg_len), from_[at]);
  }
}

void Socket::end_receiving() noexcept {
  ended_ = true;
  // Linux wakes who waits, although it says that there is no connection to shut down; else the wait ends by itself.
  shutdown(receive_.get(), SHUT_RD);
}

}  // namespace takt::udp::internal
