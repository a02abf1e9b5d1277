#pragma once

#include <atomic>
#include <cstdint>

namespace takt::dds {

/// Decides which arrival is told: the first after somebody looked and found nothing. One ring for a burst, none lost.
/// ring() from any thread, the others from the one that takes. Real-time safe.
class Doorbell {
 public:
  /// Something came. True when it is to be told.
  [[nodiscard]] bool ring() noexcept { return state_.exchange(State::kRung) == State::kQuiet; }

  /// Before looking.
  void answer() noexcept { state_.store(State::kAnswered); }

  /// Looked, and there was nothing. True when that still holds, and the next ring will be told; otherwise look again.
  [[nodiscard]] bool rest() noexcept {
    State expected = State::kAnswered;
    return state_.compare_exchange_strong(expected, State::kQuiet);
  }

 private:
  enum class State : std::uint8_t { kQuiet, kRung, kAnswered };
  std::atomic<State> state_{State::kQuiet};
};

}  // namespace takt::dds
