// Datagrams as a program by hand would send them: a message is cut into pieces of the same size as takt's, each sent by
// a call; received by a call each, on a thread of its own, and put together.

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "takt/core/error.hpp"

#include "links.hpp"

namespace takt::bench {
namespace {

constexpr std::size_t kDatagramBytes = 1472;  // takt's default
constexpr int kSocketBuffer_bytes = 4 << 20U;
constexpr int kLookAtStop_us = 20'000;

struct PieceHeader {
  std::uint32_t message{0};
  std::uint32_t offset{0};
};
constexpr std::size_t kPieceBytes = kDatagramBytes - sizeof(PieceHeader);

/// A resource.
class UdpSocket {
 public:
  UdpSocket() : handle_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    if (handle_ < 0) {
      throw SystemError("bench: cannot make a UDP socket", errno);
    }
    setsockopt(handle_, SOL_SOCKET, SO_SNDBUF, &kSocketBuffer_bytes, sizeof(kSocketBuffer_bytes));
    setsockopt(handle_, SOL_SOCKET, SO_RCVBUF, &kSocketBuffer_bytes, sizeof(kSocketBuffer_bytes));
  }
  ~UdpSocket() { close(handle_); }
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;
  [[nodiscard]] int handle() const noexcept { return handle_; }

 private:
  int handle_;
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

class UdpSender final : public Sender {
 public:
  UdpSender(std::uint16_t port, std::size_t message_bytes) : message_(message_bytes) {
    const sockaddr_in to = loopback(port);
    if (connect(socket_.handle(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) {
      throw SystemError("bench: cannot connect a UDP socket", errno);
    }
  }
  [[nodiscard]] bool send(core::Nanoseconds stamp_ns) override {
    put_stamp(message_, stamp_ns);
    ++header_.message;
    for (std::size_t offset = 0; offset < message_.size(); offset += kPieceBytes) {
      header_.offset = static_cast<std::uint32_t>(offset);
      std::array<iovec, 2> parts{
          iovec{.iov_base = &header_, .iov_len = sizeof(header_)},
          iovec{.iov_base = message_.data() + offset, .iov_len = std::min(kPieceBytes, message_.size() - offset)}};
      msghdr whole{};
      whole.msg_iov = parts.data();
      whole.msg_iovlen = parts.size();
      if (sendmsg(socket_.handle(), &whole, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
        return false;
      }
    }
    return true;
  }

 private:
  UdpSocket socket_;
  PieceHeader header_;
  std::vector<std::byte> message_;
};

class UdpReceiver final : public Receiver {
 public:
  UdpReceiver(std::uint16_t port, std::size_t message_bytes, Hear hear)
      : hear_(std::move(hear)), message_(message_bytes) {
    const sockaddr_in at = loopback(port);
    const timeval patience{.tv_sec = 0, .tv_usec = kLookAtStop_us};
    setsockopt(socket_.handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (bind(socket_.handle(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)) != 0) {
      throw SystemError("bench: cannot bind a UDP socket", errno);
    }
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        receive();
      }
    });
  }

 private:
  void receive() {
    std::array<std::byte, kDatagramBytes> datagram;
    const ssize_t count = recv(socket_.handle(), datagram.data(), datagram.size(), 0);
    PieceHeader header;
    if (count < static_cast<ssize_t>(sizeof(header))) {
      return;
    }
    std::memcpy(&header, datagram.data(), sizeof(header));
    const std::size_t bytes = static_cast<std::size_t>(count) - sizeof(header);
    if (header.offset + bytes > message_.size()) {
      return;
    }
    if (header.message != number_) {
      number_ = header.message;
      missing_ = message_.size();
    }
    std::memcpy(message_.data() + header.offset, datagram.data() + sizeof(header), bytes);
    missing_ -= bytes;
    if (missing_ == 0) {
      hear_(stamp_of(message_.data()));
    }
  }

  Hear hear_;
  UdpSocket socket_;
  std::vector<std::byte> message_;
  std::uint32_t number_{0};
  std::size_t missing_{0};
  std::jthread thread_;  // last: ends first
};

}  // namespace

Way bare_udp(std::uint16_t port, std::size_t message_bytes) {
  return {.name = "sockets",
          .sender = [=] { return std::make_unique<UdpSender>(port, message_bytes); },
          .receiver = [=](Hear hear) { return std::make_unique<UdpReceiver>(port, message_bytes, std::move(hear)); },
          .window = udp_window(message_bytes)};
}

}  // namespace takt::bench
