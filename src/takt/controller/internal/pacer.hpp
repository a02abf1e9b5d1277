#pragma once

#include <cstdint>
#include <optional>

#include "takt/async/tasks/every.hpp"
#include "takt/controller/frequency.hpp"

/// Internal to controller.
namespace takt::controller::internal {

/// The rhythm behind ArmController::pace. For the loop's thread, and one task at a time.
class Pacer {
 public:
  /// The next beat. @throws LogicError when the frequency is not finite and positive, or more than 1e9. Another task
  /// that waits meanwhile gets a LogicError, or this one does. Cancellation: Cancelled, at once; the beat stays the
  /// next.
  [[nodiscard]] async::Every::Waiter next(Frequency frequency);

  /// Beats that passed unused, in all rhythms.
  [[nodiscard]] std::uint64_t overruns() const noexcept { return before_ + (rhythm_ ? rhythm_->missed() : 0); }

 private:
  Frequency frequency_{};
  std::optional<async::Every> rhythm_;
  std::uint64_t before_{0};  ///< missed in the rhythms before this one
};

}  // namespace takt::controller::internal
