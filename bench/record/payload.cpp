#include "payload.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <numbers>

namespace takt::bench {

std::vector<std::byte> encoder_readings(std::size_t bytes) {
  constexpr std::size_t kJoints = 7;
  constexpr double kTicks = 4096;
  constexpr double kPerStep = 0.001;  // s
  std::vector<std::byte> made(bytes);
  std::uint32_t noise = 1;
  for (std::size_t i = 0; (i + 1) * sizeof(double) <= bytes; ++i) {
    noise = noise * 1664525U + 1013904223U;
    const std::size_t step = i / kJoints;
    const double t = static_cast<double>(step) * kPerStep;
    const double angle = std::sin(t * (1.0 + 0.3 * static_cast<double>(i % kJoints)));  // rad
    const double ticks = std::floor(angle / (2 * std::numbers::pi) * kTicks + static_cast<double>(noise >> 31U));
    const double read = ticks * 2 * std::numbers::pi / kTicks;
    std::memcpy(made.data() + i * sizeof(double), &read, sizeof read);
  }
  return made;
}

}  // namespace takt::bench
