#pragma once

#include <cstdint>
#include <optional>

#include "takt/core/time.hpp"

namespace takt::bus {

/// Whether a transport repeats what was lost.
enum class Reliability : std::uint8_t { kBestEffort, kReliable };

/// Whether a late joiner gets what was published before it came.
enum class Durability : std::uint8_t { kVolatile, kTransientLocal };

/// What a publisher offers, or a subscription asks for, beyond this process. In one process every publish arrives,
/// once, in order, and these do not apply. Defaults are ROS 2's.
struct Qos {
  Reliability reliability{Reliability::kReliable};
  Durability durability{Durability::kVolatile};

  /// Samples kept for a reader that is slow; 0 keeps all, within the transport's own bound. 1 is "latest wins".
  std::uint32_t depth{10};

  /// The longest time between two samples; a transport that can tells when it is exceeded.
  std::optional<core::Nanoseconds> deadline_ns{};

  /// After this time a sample is not delivered any more.
  std::optional<core::Nanoseconds> lifespan_ns{};

  friend bool operator==(const Qos&, const Qos&) = default;

  /// For setpoints and states: old data is worthless.
  [[nodiscard]] static constexpr Qos latest() noexcept {
    return {.reliability = Reliability::kBestEffort,
            .durability = Durability::kVolatile,
            .depth = 1,
            .deadline_ns = {},
            .lifespan_ns = {}};
  }

  /// For descriptions and parameters: whoever comes later still gets it.
  [[nodiscard]] static constexpr Qos latched() noexcept {
    return {.reliability = Reliability::kReliable,
            .durability = Durability::kTransientLocal,
            .depth = 1,
            .deadline_ns = {},
            .lifespan_ns = {}};
  }
};

}  // namespace takt::bus
