#include "takt/teleop/recording/statistics.hpp"

#include <utility>

#include "takt/messages/enum_name.hpp"

namespace takt::teleop::recording {
namespace {

PairStatistics pair_of(Orchestrator& orchestrator, std::size_t index) {
  RobotNode& follower = orchestrator.follower(index);
  const PairCounters sent = orchestrator.counters(index);
  const RobotNodeCounters taken = follower.counters();
  PairStatistics pair{.follower = follower.name(),
                      .phase = std::string(messages::enum_name(orchestrator.phase(index)).view()),
                      .published = sent.published,
                      .rejected = sent.rejected,
                      .aligning = sent.aligning,
                      .aligning_rejected = sent.aligning_rejected,
                      .states = taken.published,
                      .applied = taken.applied,
                      .clamped = taken.clamped,
                      .stale = taken.stale,
                      .guards = follower.guards().by_name(),
                      .fault = follower.fault()};
  std::erase_if(pair.guards, [](const auto& guard) { return guard.second == 0; });
  return pair;
}

}  // namespace

Statistics statistics_of(Orchestrator& orchestrator, const trajectory::recorder::RecorderState& recorder,
                         core::Nanoseconds now_ns) {
  Statistics statistics{.stamp_ns = now_ns,
                        .mode = std::string(messages::enum_name(orchestrator.mode()).view()),
                        .pairs = {},
                        .recorder = {.records = recorder.records,
                                     .bytes = recorder.bytes,
                                     .dropped = recorder.dropped,
                                     .waiting = recorder.waiting,
                                     .longest_turn_ms = core::to_seconds(recorder.longest_turn_ns) * 1e3}};
  for (std::size_t i = 0; i < orchestrator.pairs(); ++i) {
    statistics.pairs.push_back(pair_of(orchestrator, i));
  }
  return statistics;
}

}  // namespace takt::teleop::recording
