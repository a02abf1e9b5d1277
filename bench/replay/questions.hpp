#pragma once

#include <cstddef>

#include "replay_study.hpp"
#include "result.hpp"

/// What `replay_bench` asks: one function per question, each in its own file, each adds its figures and notes.
namespace takt::bench {

/// Of the recording that the ways are compared with: the origin's, 10 s at 30 Hz.
inline constexpr std::size_t kFrames = 300;

/// How much of everything.
struct Plan {
  double rate_hz{30.0};  ///< of the ways
  int way_slices{5};
  int arming_times{50};
  int lateness_slices{9};
  std::size_t frames_at_30_hz{150};  ///< of a slice
  std::size_t frames_at_1_khz{3000};
};

/// A look at all rows within a minute; its figures say little.
[[nodiscard]] inline Plan quick_plan() {
  return {.rate_hz = 100.0,
          .way_slices = 1,
          .arming_times = 5,
          .lateness_slices = 2,
          .frames_at_30_hz = 30,
          .frames_at_1_khz = 1000};
}

/// Requests, bytes, CPU and jitter of pull, ship once and push, between two processes.
void ask_ways(Result& result, const Plan& plan, app::ReplayStudy& study);

/// From the trigger until it is answered and plays: here, and from another process.
void ask_arming(Result& result, const Plan& plan, app::ReplayStudy& study);

/// How late the owner's thread is with each frame, beside a loop that only sleeps.
void ask_lateness(Result& result, const Plan& plan);

}  // namespace takt::bench
