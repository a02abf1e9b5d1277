#include "eventfd_loop.hpp"

#include <cerrno>
#include <cstdint>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "takt/core/error.hpp"

namespace takt::bench {

EventfdLoop::EventfdLoop() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  epoll_event interest{.events = EPOLLIN, .data = {.fd = event_}};
  if (event_ < 0 || epoll_ < 0 || epoll_ctl(epoll_, EPOLL_CTL_ADD, event_, &interest) != 0) {
    throw SystemError("cannot make an eventfd and an epoll set", errno);
  }
}

EventfdLoop::~EventfdLoop() {
  close(epoll_);
  close(event_);
}

void EventfdLoop::wait_while(const std::function<bool()>& woken) {
  for (;;) {
    epoll_event ready{};
    std::uint64_t rings = 0;
    if (epoll_wait(epoll_, &ready, 1, -1) == 1 && read(ready.data.fd, &rings, sizeof(rings)) == sizeof(rings) &&
        !woken()) {
      return;
    }
  }
}

void EventfdLoop::ring() {
  const std::uint64_t one = 1;
  static_cast<void>(!write(event_, &one, sizeof(one)));
}

}  // namespace takt::bench
