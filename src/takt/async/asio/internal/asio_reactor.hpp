#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "takt/async/tasks/internal/loop_state.hpp"

/// Internal to the Asio adapter.
namespace takt::async::internal {

/// Lets a loop wait inside an io_context of its own. Loop thread only.
///
/// The loop's epoll is itself a descriptor that becomes readable: Asio watches it like any other. The loop's deadline
/// is a timerfd in that epoll, exact to the nanosecond where Asio's own timers round up to microseconds.
class AsioReactor final : public Reactor {
 public:
  /// @param epoll  the loop's. @throws SystemError, boost::system::system_error
  explicit AsioReactor(int epoll);
  AsioReactor(const AsioReactor&) = delete;
  AsioReactor& operator=(const AsioReactor&) = delete;
  ~AsioReactor() override;

  [[nodiscard]] boost::asio::io_context& context() noexcept { return context_; }

  void poll() noexcept override;
  [[nodiscard]] bool wait(core::Nanoseconds deadline_ns) noexcept override;

 private:
  void watch_loop();
  void set_alarm(core::Nanoseconds deadline_ns) noexcept;

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
  boost::asio::posix::stream_descriptor loop_{context_};
  bool watching_{false};
  int alarm_;
  core::Nanoseconds alarm_ns_{kNoDeadline};
};

/// The reactor of this loop; made and attached when there is none.
[[nodiscard]] AsioReactor& asio_reactor_of(LoopState& loop);

}  // namespace takt::async::internal
