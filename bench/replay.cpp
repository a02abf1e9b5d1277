// What do the three ways cost by which frames of a replay come to move a robot: asked for one by one, sent once, pushed
// by the robot's owner? And how late is what is pushed? One file per question in replay/. The first is what `takt bench
// replay` measures.
//
//   replay_bench [--quick] [--out] [FILE.json]       --quick: a look at all rows within a minute

#include <exception>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <unistd.h>

#include "takt/transports/zmq/zmq_transport.hpp"

#include "replay/questions.hpp"

namespace takt::bench {
namespace {

/// Whatever should hang, the bench does not: the alarm ends it, and the owner's process ends with it.
constexpr unsigned kQuickLimit_s = 180;
constexpr unsigned kLimit_s = 1200;

app::ReplayStudyOptions study_options(const Plan& plan) {
  const std::string address = fmt::format("ipc:///tmp/takt-bench-{}", getpid());
  return {.frames = kFrames, .rate_hz = plan.rate_hz, .open = [address](bool owner) -> std::shared_ptr<bus::Transport> {
            zmq::ZmqOptions options;
            options.address = address;
            options.binds = owner;
            return zmq::open_zmq(options);
          }};
}

Result run(const Plan& plan) {
  app::ReplayStudy study(study_options(plan));  // forks, before anything here starts a thread
  Result result{.bench = "replay", .figures = {}, .notes = {}};
  ask_ways(result, plan, study);
  ask_arming(result, plan, study);
  ask_lateness(result, plan);
  return result;
}

}  // namespace
}  // namespace takt::bench

int main(int argc, char** argv) {
  std::vector<char*> arguments(argv, argv + argc);
  const bool quick = std::erase_if(arguments, [](std::string_view word) { return word == "--quick"; }) > 0;
  alarm(quick ? takt::bench::kQuickLimit_s : takt::bench::kLimit_s);
  try {
    return takt::bench::report(takt::bench::run(quick ? takt::bench::quick_plan() : takt::bench::Plan{}),
                               static_cast<int>(arguments.size()), arguments.data());
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
