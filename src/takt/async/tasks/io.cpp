#include "takt/async/tasks/io.hpp"

#include <fmt/core.h>
#include <sys/epoll.h>

namespace takt::async {

void Readiness::arm() {
  if (try_watch(descriptor_, direction_ == Direction::kRead ? EPOLLIN : EPOLLOUT)) {
    outside_.begin("a file descriptor's readiness");
  } else {
    complete();
  }
}

void Readiness::ready(std::uint32_t /*events*/) noexcept {
  withdraw();
  complete();
}

bool Readiness::withdraw() noexcept {
  outside_.end();
  unwatch();
  return true;
}

std::string Readiness::describe() const {
  return fmt::format("descriptor {} to be {}", descriptor_, direction_ == Direction::kRead ? "readable" : "writable");
}

}  // namespace takt::async
