#include "wake_study.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "takt/realtime/latency_probe.hpp"

#include "cyclictest.hpp"
#include "interrupt.hpp"

namespace takt::app {
namespace {

constexpr double kTurnS = 2.0;

class Turns {
 public:
  explicit Turns(const WakeStudyOptions& options) : options_(options) {}

  void run();
  [[nodiscard]] WakeStudy result() const;

 private:
  struct Side {
    core::LatencyHistogram lateness;
    std::uint64_t missed{0};
  };

  void probe(bool keep_awake, Side& side);
  void ask_cyclictest();

  WakeStudyOptions options_;
  core::Nanoseconds turn_ns_{0};
  WakeStudy study_;
  Side awake_;
  Side sleepy_;
  core::LatencyHistogram cyclictest_;
};

void Turns::run() {
  const int turns = std::max(1, static_cast<int>(std::ceil(options_.duration_s / kTurnS)));
  turn_ns_ = std::max(core::from_seconds(options_.duration_s / turns), core::Nanoseconds{1'000'000});
  for (int turn = 0; turn < turns && !interrupted(); ++turn) {
    probe(true, awake_);
    if (study_.kept_awake && !interrupted()) {
      probe(false, sleepy_);
    }
    if (study_.note.empty() && !interrupted()) {
      ask_cyclictest();
    }
  }
}

void Turns::probe(bool keep_awake, Side& side) {
  realtime::LatencyProbe probe(
      {.duration_ns = turn_ns_, .fifo_priority = options_.fifo_priority, .cpu = options_.cpu, .keep_awake = keep_awake},
      side.lateness);
  while (!probe.finished()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (interrupted()) {
      probe.request_stop();
    }
  }
  side.missed += probe.missed();
  study_.fifo = probe.thread().fifo;
  study_.pinned = probe.thread().pinned;
  study_.memory_locked = probe.thread().memory_locked;
  study_.kept_awake = study_.kept_awake || probe.keeps_awake();
}

void Turns::ask_cyclictest() {
  const auto ran = run_cyclictest(
      {.periods = static_cast<int>(turn_ns_ / 1'000'000), .fifo_priority = options_.fifo_priority, .cpu = options_.cpu},
      cyclictest_);
  if (!ran && !interrupted()) {
    study_.note = ran.error();
  }
}

WakeStudy Turns::result() const {
  WakeStudy study = study_;
  study.rows.push_back({study.kept_awake ? "takt, CPUs kept awake" : "takt", awake_.lateness.summary(), awake_.missed});
  if (sleepy_.lateness.count() > 0) {
    study.rows.push_back({"takt, CPUs may sleep", sleepy_.lateness.summary(), sleepy_.missed});
  }
  if (cyclictest_.count() > 0) {
    study.rows.push_back({"cyclictest", cyclictest_.summary(), std::nullopt});
  }
  return study;
}

}  // namespace

WakeStudy run_wake_study(const WakeStudyOptions& options) {
  Turns turns(options);
  turns.run();
  return turns.result();
}

}  // namespace takt::app
