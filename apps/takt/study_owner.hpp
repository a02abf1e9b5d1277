#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "takt/core/time.hpp"

#include "replay_study.hpp"

namespace takt::app {

inline constexpr const char* kStudyRobot = "follower";
inline constexpr const char* kStudyWave = "wave";  ///< begins where the arm stands
inline constexpr const char* kStudyAway = "away";  ///< begins elsewhere
inline constexpr double kStudyAway_rad = 0.2;

/// When the owner had published each frame since `count` was set to 0. In memory that both processes have.
struct StudyEmissions {
  static constexpr std::size_t kRoom = 110'000;
  std::atomic<std::uint64_t> count{0};
  std::array<std::atomic<std::uint64_t>, kRoom> frame{};      ///< which of the timeline
  std::array<std::atomic<core::Nanoseconds>, kRoom> at_ns{};  ///< CLOCK_MONOTONIC

  void add(std::uint64_t which, core::Nanoseconds now_ns) noexcept {
    const std::uint64_t index = count.load(std::memory_order_relaxed);
    if (index < kRoom) {
      frame[index].store(which, std::memory_order_relaxed);
      at_ns[index].store(now_ns, std::memory_order_relaxed);
      count.store(index + 1, std::memory_order_release);
    }
  }
};

/// "Play `name`, that way."
[[nodiscard]] teleop::replay::Command study_trigger(teleop::replay::ReplayWay way, const char* name);

/// The whole of the owner's process: serves the arm until the other end of `life` closes. @return its exit code
[[nodiscard]] int own_study_arm(const ReplayStudyOptions& options, StudyEmissions& emissions, int life) noexcept;

}  // namespace takt::app
