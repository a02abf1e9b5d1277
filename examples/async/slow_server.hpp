#pragma once

#include <chrono>
#include <cstdint>
#include <thread>

/// A server on this host that takes its time: what the example asks over the network. One request per connection.
class SlowServer {
 public:
  /// @throws takt::SystemError when there is no port.
  explicit SlowServer(std::chrono::milliseconds delay);
  ~SlowServer();
  SlowServer(const SlowServer&) = delete;
  SlowServer& operator=(const SlowServer&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

 private:
  void serve() const;

  std::chrono::milliseconds delay_;
  int listener_;
  std::uint16_t port_{0};
  std::thread thread_;
};
