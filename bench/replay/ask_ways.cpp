// What do 300 frames cost that are pulled, shipped once, pushed?

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "comparison.hpp"
#include "questions.hpp"

namespace takt::bench {
namespace {

using app::ReplayRun;
using teleop::replay::ReplayWay;

SliceSample sample_of(const std::vector<ReplayRun>& runs, double (*value)(const ReplayRun&)) {
  SliceSample sample;
  std::ranges::for_each(runs, [&](const ReplayRun& run) { sample.add(value(run)); });
  return sample;
}

double requests(const ReplayRun& run) {
  return static_cast<double>(run.playing.requests);
}
double bytes(const ReplayRun& run) {
  return static_cast<double>(run.playing.bytes());
}
double cpu_us(const ReplayRun& run) {
  return run.cpu_per_frame_us();
}
double beside_arm_us(const ReplayRun& run) {
  return run.cpu_per_frame_beside_arm_us();
}
double late_p99_us(const ReplayRun& run) {
  return run.late_at(0.99) * 1e3;
}

struct Measure {
  const char* name;
  double (*value)(const ReplayRun&);
  const char* unit;
  const char* push_goal;
};

void add(Result& result, const Measure& measure, const std::vector<ReplayRun>& pull, const std::vector<ReplayRun>& ship,
         const std::vector<ReplayRun>& push) {
  const SliceSample pulled = sample_of(pull, measure.value);
  const std::string name = std::string(measure.name) + ": ";
  result.figures.push_back(
      compared(name + "push; baseline: pull", sample_of(push, measure.value), pulled, measure.unit, measure.push_goal));
  result.figures.push_back(
      compared(name + "ship once; baseline: pull", sample_of(ship, measure.value), pulled, measure.unit, ""));
}

void note(Result& result, const ReplayRun& run) {
  result.notes.push_back(fmt::format(
      "{}: {} frames moved the arm; {} requests until the last one and {} after it, {} messages that want no answer, "
      "{} "
      "replies, {} of how it stands; {} bytes to the owner, {} back; CPU of owner and client {:.1f} and {:.1f} ms in "
      "{:.2f} s, idle {:.1f} ms; of that, to move the arm {:.1f} ms, idle {:.1f} ms; late by p50 {:.3f}, p99 {:.3f}, "
      "at most {:.3f} ms",
      app::name_of(run.way), run.frames, run.playing.requests, run.stopping, run.playing.one_way, run.playing.replies,
      run.playing.statuses, run.playing.bytes_to_owner, run.playing.bytes_to_client, run.owner_cpu_s * 1e3,
      run.client_cpu_s * 1e3, run.duration_s, run.idle_cpu_s * 1e3, run.moving_cpu_s * 1e3, run.idle_moving_cpu_s * 1e3,
      run.late_at(0.5), run.late_at(0.99), run.late_at(1.0)));
}

}  // namespace

void ask_ways(Result& result, const Plan& plan, app::ReplayStudy& study) {
  const auto [pull, ship, push] = alternate(
      plan.way_slices, [&] { return study.run(ReplayWay::kPull); }, [&] { return study.run(ReplayWay::kShip); },
      [&] { return study.run(ReplayWay::kPush); });
  result.figures.push_back({.name = "requests for 300 frames, counted on the wire, pull",
                            .value = sample_of(pull, requests).median(),
                            .unit = "",
                            .goal = "301"});
  add(result, {"requests for 300 frames, counted on the wire", requests, "", "1 (and 1 to stop)"}, pull, ship, push);
  add(result, {"bytes for 300 frames, both directions", bytes, "B", "baseline >= 2 ×"}, pull, ship, push);
  add(result, {"CPU of both processes per frame, moving the arm included", cpu_us, "µs", "baseline >= 10 ×"}, pull,
      ship, push);
  add(result,
      {"CPU of both processes per frame, but pub.* and play.*, where only push keeps its pace", beside_arm_us, "µs",
       ""},
      pull, ship, push);
  add(result, {"a frame's lateness against an even row, p99", late_p99_us, "µs", ""}, pull, ship, push);
  for (const auto* runs : {&pull, &ship, &push}) {
    note(result, runs->back());
  }
  result.notes.push_back(fmt::format(
      "ways: {} plays of each in turn, {} frames at {:g} Hz, seven joints, the recording named from the owner's "
      "library; owner and client in two processes over zmq+ipc at normal priority. Every request of pull waits for its "
      "answer. Bytes are those of the messages, how the owner says four times a second how it stands included, what "
      "zmq "
      "adds not. CPU is that of both processes from the trigger to the arm's rest, less what they take in as much time "
      "connected and with nothing played, measured for 3 s before each play. pub.follower and play.follower "
      "move the arm however the frames come; a push is paced there as well, a pull and a ship are paced by the client, "
      "so that what is outside of them is a part of the whole and no comparison",
      plan.way_slices, kFrames, plan.rate_hz));
}

}  // namespace takt::bench
