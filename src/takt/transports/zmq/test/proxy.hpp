#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "takt/transports/zmq/test/zmq_rig.hpp"

namespace takt::bus::test {

/// Between a connector and a binder at ipc addresses: can lose connections so that only one of them notices.
class Proxy {
 public:
  explicit Proxy(std::string binder) : binder_(std::move(binder)), own_(own_ipc()) {
    const sockaddr_un at = address(own_);
    unlink(at.sun_path);
    EXPECT_EQ(bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof(at)), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    thread_ = std::thread([this] { run(); });
  }
  ~Proxy() {
    stop_ = true;
    thread_.join();
    close(listener_);
    for (const Pair& one : pairs_) {
      close(one.near);
      close(one.far);
    }
    for (const int fd : orphans_) {
      close(fd);
    }
  }
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  [[nodiscard]] const std::string& own() const { return own_; }
  /// Nothing passes while it is so.
  void stall(bool now) { stalled_ = now; }
  enum class Notices : std::uint8_t { kConnector, kBinder };
  /// Only that side learns of it; the other's connection is open, and nobody is there.
  void lose_connections(Notices who) {
    const std::scoped_lock lock(mutex_);
    for (const Pair& one : pairs_) {
      close(who == Notices::kConnector ? one.near : one.far);
      orphans_.push_back(who == Notices::kConnector ? one.far : one.near);
    }
    pairs_.clear();
  }

 private:
  struct Pair {
    int near;
    int far;
  };
  static sockaddr_un address(const std::string& ipc) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    ipc.copy(at.sun_path, sizeof(at.sun_path) - 1, 6);
    return at;
  }
  void run() {
    while (!stop_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (stalled_) {
        continue;
      }
      const std::scoped_lock lock(mutex_);
      pollfd ready{.fd = listener_, .events = POLLIN, .revents = 0};
      if (poll(&ready, 1, 0) > 0) {
        const sockaddr_un at = address(binder_);
        const int far = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int near = accept(listener_, nullptr, nullptr);
        if (connect(far, reinterpret_cast<const sockaddr*>(&at), sizeof(at)) == 0) {
          pairs_.push_back({.near = near, .far = far});
        } else {  // no binder
          close(near);
          close(far);
        }
      }
      for (const Pair& one : pairs_) {
        pump(one.near, one.far);
        pump(one.far, one.near);
      }
    }
  }
  static void pump(int from, int to) {
    std::array<char, 65536> bytes{};
    const ssize_t count = recv(from, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count > 0) {
      static_cast<void>(send(to, bytes.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL));
    }
  }

  std::string binder_;
  std::string own_;
  int listener_{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::mutex mutex_;
  std::vector<Pair> pairs_;
  std::vector<int> orphans_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> stalled_{false};
  std::thread thread_;
};

}  // namespace takt::bus::test
