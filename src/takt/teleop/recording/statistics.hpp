#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <boost/describe.hpp>

#include "takt/core/time.hpp"
#include "takt/teleop/orchestrator.hpp"
#include "takt/trajectory/recorder/recorder.hpp"

namespace takt::teleop::recording {

/// How a pair stands: since the start, as everything here that counts.
struct PairStatistics {
  std::string follower;
  std::string phase;
  std::uint64_t published{0};                   ///< commands sent while engaged
  std::uint64_t rejected{0};                    ///< leader states, while engaged, that became no command
  std::uint64_t aligning{0};                    ///< commands of approaches
  std::uint64_t aligning_rejected{0};           ///< leader states that became no command while approaching
  std::uint64_t states{0};                      ///< read back
  std::uint64_t applied{0};                     ///< commands that the robot took
  std::uint64_t clamped{0};                     ///< of them: altered by a guard
  std::uint64_t stale{0};                       ///< refused for their age or lease
  std::map<std::string, std::uint64_t> guards;  ///< hits of each that was hit
  std::string fault;                            ///< empty: none
};
BOOST_DESCRIBE_STRUCT(PairStatistics, (),
                      (follower, phase, published, rejected, aligning, aligning_rejected, states, applied, clamped,
                       stale, guards, fault))

/// Of the recording itself.
struct RecorderStatistics {
  std::uint64_t records{0};
  std::uint64_t bytes{0};
  std::uint64_t dropped{0};
  std::size_t waiting{0};     ///< in the ring
  double longest_turn_ms{0};  ///< of the thread that writes
};
BOOST_DESCRIBE_STRUCT(RecorderStatistics, (), (records, bytes, dropped, waiting, longest_turn_ms))

/// What a recording says of its teleoperation once per second, on "/takt/statistics".
struct Statistics {
  core::Nanoseconds stamp_ns{0};  ///< CLOCK_MONOTONIC
  std::string mode;
  std::vector<PairStatistics> pairs;
  RecorderStatistics recorder;
};
BOOST_DESCRIBE_STRUCT(Statistics, (), (stamp_ns, mode, pairs, recorder))

/// As it stands now. Any thread; not real-time safe.
[[nodiscard]] Statistics statistics_of(Orchestrator& orchestrator, const trajectory::recorder::RecorderState& recorder,
                                       core::Nanoseconds now_ns);

}  // namespace takt::teleop::recording
