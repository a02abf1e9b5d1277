#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

#include "takt/bus/test/transport_rig.hpp"
#include "takt/transports/zmq/zmq_transport.hpp"

namespace takt::bus::test {

/// An address that no other test has at the same time.
inline std::string own_ipc() {
  static std::atomic<int> made{0};
  return "ipc:///tmp/takt-zmq-test-" + std::to_string(getpid()) + "-" + std::to_string(++made);
}

/// Options of a binder, which is opened with them: on the first of its ports that are free.
struct Binder {
  zmq::ZmqOptions options;
  std::unique_ptr<zmq::ZmqTransport> transport;
};

inline Binder bind_tcp(zmq::ZmqOptions options = {}) {
  static std::atomic<int> tries{0};
  options.binds = true;
  while (true) {
    const int port = 10'000 + (getpid() * 60 + ++tries) % 20'000;  // below those the system gives away
    options.address = "tcp://127.0.0.1:" + std::to_string(port);
    try {
      return {.options = options, .transport = zmq::open_zmq(options)};
    } catch (const SystemError&) {
      if (tries > 5000) {
        throw;
      }
    }
  }
}

inline Binder bind_ipc(zmq::ZmqOptions options = {}) {
  options.binds = true;
  options.address = own_ipc();
  return {.options = options, .transport = zmq::open_zmq(options)};
}

/// Options of who connects to that binder.
inline zmq::ZmqOptions connector(const Binder& binder) {
  zmq::ZmqOptions options = binder.options;
  options.binds = false;
  options.keys = {};
  options.clients = {};
  options.server_key = binder.options.keys.public_key;
  return options;
}

/// Transport 0 binds, 1 and 2 connect.
class ZmqRig final : public TransportRig {
 public:
  explicit ZmqRig(Binder binder) {
    const zmq::ZmqOptions options = connector(binder);
    transports_.push_back(std::move(binder.transport));
    for (int i = 0; i < 2; ++i) {
      transports_.push_back(zmq::open_zmq(options));
    }
    EXPECT_TRUE(eventually([&] { return transports_.front()->statistics().peers == 2; }));
  }
  [[nodiscard]] Transport& transport(std::size_t index) override { return *transports_.at(index); }
  void settle() override { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }
  [[nodiscard]] std::size_t max_message_bytes() const override { return zmq::ZmqOptions{}.max_message_bytes; }

 private:
  std::vector<std::unique_ptr<zmq::ZmqTransport>> transports_;
};

}  // namespace takt::bus::test
