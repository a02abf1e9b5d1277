#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "takt/bus/bus.hpp"

#include "one_way.hpp"

/// Messages of 64 bytes over DDS from one process to another.
namespace takt::bench {

/// A node that publishes, and a coroutine that is resumed for each message.
[[nodiscard]] Way node_way(std::uint32_t domain);

/// dds_write, and a listener that posts to Asio.
[[nodiscard]] Way bare_way(std::uint32_t domain);

/// A bus on that domain of this host.
[[nodiscard]] std::shared_ptr<bus::Bus> dds_bus(std::uint32_t domain);

/// Runs an io_context on a thread, until its end. A resource.
class IoThread {
 public:
  IoThread() : thread_([this] { io_.run(); }) {}
  ~IoThread() { stop(); }
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  [[nodiscard]] boost::asio::io_context& io() noexcept { return io_; }
  /// Returns when nothing of it runs any more.
  void stop() {
    io_.stop();
    if (thread_.joinable()) {
      thread_.join();
    }
  }

 private:
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> busy_{io_.get_executor()};
  std::thread thread_;
};

}  // namespace takt::bench
