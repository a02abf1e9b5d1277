#pragma once

#include <functional>

#include "wake.hpp"

namespace takt::bench {

/// An eventfd in an epoll set, written by hand: the least that a loop can do which also waits for other descriptors.
class EventfdLoop final : public WakeSide {
 public:
  EventfdLoop();
  ~EventfdLoop() override;
  EventfdLoop(const EventfdLoop&) = delete;
  EventfdLoop& operator=(const EventfdLoop&) = delete;

  void wait_while(const std::function<bool()>& woken) override;
  void ring() override;

 private:
  int event_;
  int epoll_;
};

}  // namespace takt::bench
