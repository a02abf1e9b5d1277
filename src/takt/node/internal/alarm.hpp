#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "takt/async/tasks/clock.hpp"
#include "takt/async/tasks/wait_queue.hpp"
#include "takt/node/clock.hpp"

/// Internal to node.
namespace takt::node::internal {

/// Why a wait on a node's clock is over.
enum class AlarmEnd : std::uint8_t { kDue, kWoken, kJumpedBack, kSourceChanged, kDestroyed };

/// Waits until a node's clock has reached a deadline, or something else ends it: a task's only way to wait on it.
/// Loop thread.
class Alarm final : public async::QueuedAwaitable<Alarm>, private async::internal::Timer {
 public:
  /// @param deadline_ns  of Clock::source(); nothing: none, only the other ends
  Alarm(Clock& clock, std::optional<core::Nanoseconds> deadline_ns) noexcept
      : clock_(clock), deadline_ns_(deadline_ns) {}

  [[nodiscard]] bool try_complete();
  void arm();
  [[nodiscard]] AlarmEnd result() const noexcept { return end_; }
  [[nodiscard]] std::string describe() const override { return "the clock of node " + clock_.node_; }

  /// Ends the wait now; nothing when it has ended.
  void finish(AlarmEnd end) noexcept;

 private:
  bool withdraw() noexcept override;
  void fire() noexcept override;
  void lose(async::internal::TimerLoss why) noexcept override;

  Clock& clock_;
  std::optional<core::Nanoseconds> deadline_ns_;
  async::Clock* source_{nullptr};  // of the timer that is set
  AlarmEnd end_{AlarmEnd::kDue};
};

}  // namespace takt::node::internal
