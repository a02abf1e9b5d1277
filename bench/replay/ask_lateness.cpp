// How late is the owner's thread with each frame that it pushes?

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "takt/core/error.hpp"
#include "takt/realtime/thread.hpp"
#include "takt/teleop/replay/replay_owner.hpp"

#include "comparison.hpp"
#include "placement.hpp"
#include "questions.hpp"
#include "study_arm.hpp"

namespace takt::bench {
namespace {

using namespace teleop::replay;  // NOLINT(google-build-using-namespace): its words are this file's

struct Pace {
  double rate_hz;
  std::size_t frames;
  bool fifo;  ///< of the thread that is measured, where it is permitted; else the normal scheduler
};

/// What the calling thread starts meanwhile has this policy, and one CPU if it is SCHED_FIFO.
class Policy {
 public:
  explicit Policy(bool fifo) {
    if (fifo) {
      fifo_.emplace(asking_cpu());
    }
  }

 private:
  std::optional<FifoOn> fifo_;
};

/// Plays one recording to its end. @return how late each frame was
Latency push_slice(const Pace& pace) {
  std::vector<double> late_us;
  late_us.reserve(2 * pace.frames);
  ReplayOwnerOptions options;
  options.twin.on_frame = [&late_us](const EmittedFrame& frame) {
    late_us.push_back(static_cast<double>(frame.late_ns) * 1e-3);
  };
  std::optional<ReplayOwner> owner;
  {
    const Policy policy(pace.fifo);
    owner.emplace(app::make_study_arm(), std::move(options));  // starts the thread that plays
  }
  owner->start();
  const auto loaded = owner->twin().load({app::study_wave("wave", pace.frames, pace.rate_hz)});
  const auto played = loaded ? owner->twin().play() : Expected<void, std::string>(Unexpected(loaded.error()));
  if (!played) {
    throw SystemError("bench: " + played.error());
  }
  const double length_s = static_cast<double>(pace.frames) / pace.rate_hz;
  core::steady_clock().sleep_until_ns(core::monotonic_now_ns() + core::from_seconds(length_s));  // who looks disturbs
  while (owner->twin().status().phase != TwinPhase::kLoaded) {
    core::steady_clock().sleep_until_ns(core::monotonic_now_ns() + 50'000'000);
  }
  const TwinStatus status = owner->twin().status();
  if (!status.left.empty() || status.emitted < pace.frames) {
    throw SystemError(fmt::format("bench: {} of {} frames were played: {}", status.emitted, pace.frames, status.left));
  }
  owner.reset();  // nothing writes late_us any more
  return latency_of(late_us);
}

Latency bare_slice(const Pace& pace) {
  std::vector<double> late_us;
  late_us.reserve(pace.frames);
  const auto sleep = [&](const std::stop_token&) {
    core::Beat beat(core::monotonic_now_ns(), core::from_seconds(1.0 / pace.rate_hz));
    while (late_us.size() < pace.frames) {
      const core::Nanoseconds due_ns = beat.next_ns(core::monotonic_now_ns());
      core::steady_clock().sleep_until_ns(due_ns);
      late_us.push_back(static_cast<double>(core::monotonic_now_ns() - due_ns) * 1e-3);
    }
  };
  const Policy policy(pace.fifo);
  realtime::RealtimeThread({.name = "bare"}, sleep).join();
  return latency_of(late_us);
}

void ask(Result& result, const Plan& plan, const Pace& pace) {
  const auto [push, bare] =
      alternate(plan.lateness_slices, [&] { return push_slice(pace); }, [&] { return bare_slice(pace); });
  add_compared(result,
               fmt::format("lateness of pushed frames, {:g} Hz, {}", pace.rate_hz,
                           pace.fifo ? "SCHED_FIFO on one CPU" : "normal scheduler"),
               "bare clock_nanosleep", push, bare, {.p50 = "", .p99 = "<= 1.2 × baseline"});
}

}  // namespace

void ask_lateness(Result& result, const Plan& plan) {
  for (const bool fifo : {false, true}) {
    ask(result, plan, {.rate_hz = 30.0, .frames = plan.frames_at_30_hz, .fifo = fifo});
    ask(result, plan, {.rate_hz = 1000.0, .frames = plan.frames_at_1_khz, .fifo = fifo});
  }
  result.notes.push_back(
      fmt::format("lateness: {} slices of {} frames at 30 Hz and {} at 1 kHz of each side in turn, in one process; "
                  "until the action of "
                  "a frame begins to be made; the thread play.follower and the bare loop's have the same policy, which "
                  "they inherit: "
                  "the normal scheduler with a timer slack of 1 ns, and SCHED_FIFO where it is permitted",
                  plan.lateness_slices, plan.frames_at_30_hz, plan.frames_at_1_khz));
}

}  // namespace takt::bench
