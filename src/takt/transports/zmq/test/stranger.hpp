#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "takt/transports/zmq/internal/announcement.hpp"
#include "takt/transports/zmq/internal/header.hpp"
#include "takt/transports/zmq/internal/parcel.hpp"

namespace takt::bus::test {

using zmq::internal::Announcement;
using zmq::internal::Header;

/// One that is not libzmq: it speaks ZMTP 3.0 over the socket of ipc. It keeps nothing, and reads up to what it asks
/// for, or nothing at all.
class Stranger {
 public:
  explicit Stranger(const std::string& ipc, std::uint64_t process = 0x8877665544332211U)
      : process_(process), fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    ipc.copy(at.sun_path, sizeof(at.sun_path) - 1, 6);
    EXPECT_EQ(connect(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof(at)), 0);
    std::string greeting(64, '\0');
    greeting.replace(0, 1, "\xff").replace(9, 2, "\x7f\x03").replace(12, 4, "NULL");
    std::string ready = std::string("\x05READY\x0bSocket-Type\0\0\0\x06", 22) + "DEALER";
    ready += std::string("\x08Identity\0\0\0\x08", 13);
    ready.append(reinterpret_cast<const char*>(&process_), sizeof(process_));
    say(greeting + std::string("\x04") + static_cast<char>(ready.size()) + ready);
    std::array<char, 255> theirs{};  // what comes before it has greeted, ZeroMQ takes amiss
    EXPECT_EQ(recv(fd_, theirs.data(), 64 + 2, MSG_WAITALL), 64 + 2);
    EXPECT_GT(recv(fd_, theirs.data(), static_cast<std::uint8_t>(theirs[65]), MSG_WAITALL), 0);
  }
  ~Stranger() { close(fd_); }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;

  /// @return false when the other side closed the connection
  bool say(Header header, std::string_view payload = {}) const {
    header.session = session_;
    const auto bytes = zmq::internal::write_header(header);
    return say(frame({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, true) + frame(payload, false));
  }
  /// A session begins when it said that it has read the welcome.
  bool hello() {
    Header answer;
    answer.kind = Header::Kind::kReceipt;
    return hello_unheard() && hear(Header::Kind::kWelcome, answer.sequence) && say(answer);
  }
  /// Waits until something is granted.
  bool hear_grant() const {
    std::uint64_t granted = 0;
    return hear(Header::Kind::kGrant, granted);
  }
  bool hello_unheard() {
    ++session_;
    Header header;
    header.kind = Header::Kind::kHello;
    header.from = process_;
    return say(header);
  }
  bool announce(Announcement made, std::uint64_t number) const {
    made.id = zmq::internal::make_id(0, number);
    Header header;
    header.kind = Header::Kind::kAnnounce;
    const auto bytes = zmq::internal::write_announcement(made);
    return say(header, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }

 private:
  [[nodiscard]] bool hear(void* to, std::size_t bytes) const {
    return bytes == 0 || recv(fd_, to, bytes, MSG_WAITALL) == static_cast<ssize_t>(bytes);
  }
  [[nodiscard]] bool hear(Header::Kind kind, std::uint64_t& sequence) const {
    while (true) {
      std::uint8_t flags = 0;
      std::array<std::uint8_t, 8> raw{};
      if (!hear(&flags, 1)) {
        return false;
      }
      const std::size_t length = (flags & 2U) != 0 ? raw.size() : 1;  // with a long size
      if (!hear(raw.data() + raw.size() - length, length)) {
        return false;
      }
      std::size_t size = 0;
      for (const std::uint8_t one : raw) {
        size = (size << 8U) | one;
      }
      std::vector<std::byte> content(size);
      if (!hear(content.data(), size)) {
        return false;
      }
      const auto header = zmq::internal::read_header(content);
      if (header && header->kind == kind && header->session == session_) {
        sequence = header->sequence;
        return true;
      }
    }
  }
  static std::string frame(std::string_view content, bool more) {
    std::string bytes(1, more ? '\x03' : '\x02');  // with a long size
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes += static_cast<char>((content.size() >> static_cast<unsigned>(shift)) & 0xffU);
    }
    return bytes.append(content);
  }
  bool say(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  std::uint64_t process_;
  std::uint32_t session_{0};
  int fd_;
};

}  // namespace takt::bus::test
