#include "takt/async/asio/internal/asio_reactor.hpp"

#include <cerrno>
#include <memory>

#include <boost/asio/bind_allocator.hpp>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "takt/async/asio/internal/asio_operation.hpp"
#include "takt/core/error.hpp"

// Who watches whom:
//
//   io_context ──► the loop's epoll ──► eventfd of the inbox, descriptors of IoWatch, alarm_
//              ──► sockets, Asio's timers, its eventfd
//
// Asio asks for edges, and asks anew with each async_wait: what became readable before the wait is reported as well. So
// the epoll is asked about in wait() only; a handler that asked again at once would find the same event in each poll()
// until the loop takes it.

namespace takt::async::internal {
namespace {

constexpr int kHandlerBudget = 256;

}  // namespace

AsioReactor::AsioReactor(int epoll) : alarm_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
  epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.ptr = nullptr}};  // nobody to tell: the loop looks itself
  if (alarm_ < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, alarm_, &event) != 0) {
    const int error_number = errno;
    if (alarm_ >= 0) {
      close(alarm_);
    }
    throw SystemError("a loop that waits in Asio needs a timerfd", error_number);
  }
  try {
    loop_.assign(epoll);
  } catch (...) {
    close(alarm_);
    throw;
  }
}

AsioReactor::~AsioReactor() {
  loop_.release();  // the loop closes it
  close(alarm_);
}

void AsioReactor::poll() noexcept {
  for (int left = kHandlerBudget; left > 0 && context_.poll_one() > 0; --left) {
  }
}

bool AsioReactor::wait(core::Nanoseconds deadline_ns) noexcept {
  if (!watching_) {
    watch_loop();
  }
  // Without a deadline an old alarm may stay: it wakes once for nothing.
  if (deadline_ns != alarm_ns_ && deadline_ns != kNoDeadline) {
    set_alarm(deadline_ns);
  }
  if (context_.run_one() == 0) {
    context_.restart();  // somebody stopped it
  }
  poll();
  return !watching_;
}

void AsioReactor::watch_loop() {
  watching_ = true;
  loop_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                   boost::asio::bind_allocator(FrameAllocator<std::byte>(),
                                               [this](const boost::system::error_code&) { watching_ = false; }));
}

void AsioReactor::set_alarm(core::Nanoseconds deadline_ns) noexcept {
  const itimerspec alarm{.it_interval = {},
                         .it_value = {.tv_sec = deadline_ns / core::kNanosecondsPerSecond,
                                      .tv_nsec = deadline_ns % core::kNanosecondsPerSecond}};
  timerfd_settime(alarm_, TFD_TIMER_ABSTIME, &alarm, nullptr);  // also makes an alarm that rang silent again
  alarm_ns_ = deadline_ns;
}

AsioReactor& asio_reactor_of(LoopState& loop) {
  if (loop.reactor == nullptr) {
    loop.reactor = std::make_unique<AsioReactor>(loop.epoll);
  }
  auto* reactor = dynamic_cast<AsioReactor*>(loop.reactor.get());
  if (reactor == nullptr) {
    throw LogicError("Asio was to be used on a loop that another library's reactor is attached to");
  }
  return *reactor;
}

}  // namespace takt::async::internal
