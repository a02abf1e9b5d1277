#pragma once

#include <cstdint>

#include "takt/async/tasks/clock.hpp"

namespace takt::node {

/// What happens when a handler throws: said for each entity.
struct FailurePolicy {
  enum class Kind : std::uint8_t {
    kPropagate,  ///< the node fails: its block ends with an ExceptionGroup that names the entity
    kLog,        ///< counted, logged once per second at most, and the next message is handled
    kRestart,    ///< as kLog, but nothing is handled for a pause that doubles with each failure in a row
  };
  Kind kind{Kind::kPropagate};

  // Of kRestart:
  async::Duration first_pause{std::chrono::milliseconds(100)};
  async::Duration longest_pause{std::chrono::seconds(10)};
  std::uint32_t most_in_a_row{0};  ///< one more failure in a row propagates; 0: no limit

  [[nodiscard]] static constexpr FailurePolicy propagate() noexcept { return {}; }
  [[nodiscard]] static constexpr FailurePolicy log() noexcept {
    FailurePolicy policy;
    policy.kind = Kind::kLog;
    return policy;
  }
  [[nodiscard]] static constexpr FailurePolicy restart(std::uint32_t most_in_a_row = 0) noexcept {
    FailurePolicy policy;
    policy.kind = Kind::kRestart;
    policy.most_in_a_row = most_in_a_row;
    return policy;
  }

  friend bool operator==(const FailurePolicy&, const FailurePolicy&) = default;
};

}  // namespace takt::node
