#include "takt/controller/internal/packet_socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>

namespace takt::controller::internal {
namespace {

struct alignas(cmsghdr) Control {
  std::array<char, CMSG_SPACE(sizeof(int))> bytes{};
};

FileDescriptor first_descriptor(msghdr& message) noexcept {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS && part->cmsg_len >= CMSG_LEN(sizeof(int))) {
      int descriptor = -1;
      std::memcpy(&descriptor, CMSG_DATA(part), sizeof(descriptor));
      return FileDescriptor(descriptor);
    }
  }
  return {};
}

}  // namespace

Sent PacketSocket::send(std::span<const std::byte> packet, int descriptor) noexcept {
  iovec data{.iov_base = const_cast<std::byte*>(packet.data()), .iov_len = packet.size()};
  Control control;
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (descriptor >= 0) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(descriptor));
    std::memcpy(CMSG_DATA(part), &descriptor, sizeof(descriptor));
  }
  while (sendmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) {
      // ETOOMANYREFS: too many descriptors wait in sockets of this user, so somebody does not read.
      const bool full = errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == ETOOMANYREFS;
      return full ? Sent::kFull : Sent::kGone;
    }
  }
  return Sent::kYes;
}

Expected<Received, NotReceived> PacketSocket::receive(std::span<std::byte> buffer, Descriptors descriptors) noexcept {
  iovec data{.iov_base = buffer.data(), .iov_len = buffer.size()};
  Control control;
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (descriptors == Descriptors::kTake) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = CMSG_LEN(sizeof(int));  // room for one, without the padding: the kernel closes others
  }
  ssize_t count = -1;
  do {
    count = recvmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (count < 0 && errno == EINTR);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    return Unexpected(NotReceived::kNothing);
  }
  if (count <= 0) {  // an empty packet looks like the end, and nobody sends one
    return Unexpected(NotReceived::kClosed);
  }
  Received received;
  received.bytes = static_cast<std::size_t>(count);
  received.truncated = (static_cast<unsigned>(message.msg_flags) & static_cast<unsigned>(MSG_TRUNC)) != 0;
  received.descriptor = first_descriptor(message);
  return received;
}

bool PacketSocket::hung_up() const noexcept {
  pollfd watched{.fd = socket_.get(), .events = POLLRDHUP, .revents = 0};
  return poll(&watched, 1, 0) > 0 && (watched.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

}  // namespace takt::controller::internal
