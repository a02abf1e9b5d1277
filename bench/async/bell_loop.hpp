#pragma once

#include <functional>
#include <optional>

#include "takt/async/tasks/doorbell.hpp"
#include "takt/async/tasks/event_loop.hpp"

#include "wake.hpp"

namespace takt::bench {

/// A coroutine on takt's loop that waits for a Doorbell.
class BellLoop final : public WakeSide {
 public:
  BellLoop();
  ~BellLoop() override;
  BellLoop(const BellLoop&) = delete;
  BellLoop& operator=(const BellLoop&) = delete;

  void wait_while(const std::function<bool()>& woken) override;
  void ring() override;

 private:
  async::EventLoop loop_;
  std::optional<async::Doorbell> bell_;  // made by a task of the loop; lives until nobody rings any more
};

}  // namespace takt::bench
