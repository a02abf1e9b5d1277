#pragma once

#include <string>
#include <utility>
#include <vector>

#include "futex_peer.hpp"
#include "measure.hpp"
#include "python_peer.hpp"
#include "result.hpp"

/// What `async_bench` asks: one function per question, each in its own file, each adds its figures and notes.
namespace takt::bench {

void ask_tasks(Result& result, PythonPeer& python);
void ask_wake(Result& result, PythonPeer& python);
void ask_lateness(Result& result, PythonPeer& python);
void ask_round_trip(Result& result, PythonPeer& python);
void ask_isolate(Result& result, FutexPeer& child);
void ask_origin_claim(Result& result, PythonPeer& python);

/// A figure of one side alone: the median of its slices, and the best.
[[nodiscard]] inline Figure alone(std::string name, const SliceSample& slices, std::string unit) {
  return {.name = std::move(name), .value = slices.median(), .unit = std::move(unit), .best = slices.best()};
}

/// p50 and p99 of one side alone.
inline void add_alone(Result& result, const std::string& name, const std::vector<Latency>& slices) {
  result.figures.push_back(alone(name + ", p50", column(slices, &Latency::p50_us), "µs"));
  result.figures.push_back(alone(name + ", p99", column(slices, &Latency::p99_us), "µs"));
}

}  // namespace takt::bench
