#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/bus/transport.hpp"
#include "takt/node/internal/bells.hpp"

/// Internal to node.
namespace takt::node::internal {

/// Calls `send` again and again while it says kWouldBlock: when the transport says that it has room, and after growing
/// pauses, since not every transport can tell. Gives what it said last; kWouldBlock when that was so for `limit`.
/// Cancellation: Cancelled.
template <class Send>
async::Task<Expected<void, bus::SendError>> send_when_ready(Bells& writable, Send send,
                                                            std::optional<async::Duration> limit) {
  using namespace std::chrono_literals;
  auto sent = send();
  if (sent || sent.error() != bus::SendError::kWouldBlock) {
    co_return sent;
  }
  async::Clock& clock = async::this_loop().clock();
  const core::Nanoseconds begin_ns = clock.now_ns();
  Bells::Listening listening(writable, "room on a transport");
  async::Duration pause = 1ms;
  while (!sent && sent.error() == bus::SendError::kWouldBlock &&
         !(limit && clock.now_ns() - begin_ns >= limit->count())) {
    static_cast<void>(co_await async::with_timeout(pause, listening.wait()));
    pause = std::min<async::Duration>(2 * pause, 100ms);
    sent = send();
  }
  co_return sent;
}

}  // namespace takt::node::internal
