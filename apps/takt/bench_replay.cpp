#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/registry/buses.hpp"

#include "commands.hpp"
#include "replay_plot.hpp"
#include "replay_study.hpp"
#include "robot_bus.hpp"

namespace takt::app {
namespace {

using teleop::replay::ReplayWay;

struct Options {
  std::size_t frames{300};
  double rate_hz{30.0};
  std::string bus;
  std::string svg{"replay.svg"};
};

void check(const Options& options) {
  if (options.frames < 10 || options.frames > 100'000) {
    throw ConfigError("--frames", 0, "", fmt::format("must be from 10 to 100000, is {}", options.frames));
  }
  if (!(options.rate_hz >= 1.0 && options.rate_hz <= 200.0)) {
    throw ConfigError("--rate", 0, "", fmt::format("must be from 1 to 200, is {}", options.rate_hz));
  }
  if (static_cast<double>(options.frames) < 0.5 * options.rate_hz) {
    throw ConfigError("--frames", 0, "", "are too few: the arm would move within less than half a second");
  }
}

std::string default_bus() {
  return fmt::format("zmq+ipc://{}/takt-bench-{}", std::filesystem::temp_directory_path().string(), getpid());
}

void print(const ReplayRun& run) {
  fmt::print("{:<11}{:>8}{:>9}{:>9}{:>11.1f}{:>11.1f}{:>11.1f}{:>10.3f}{:>10.3f}{:>10.3f}\n", name_of(run.way),
             run.frames, fmt::format("{}+{}", run.playing.requests, run.stopping), run.playing.one_way,
             static_cast<double>(run.playing.bytes_to_owner) * 1e-3,
             static_cast<double>(run.playing.bytes_to_client) * 1e-3, run.cpu_per_frame_us(), run.late_at(0.5),
             run.late_at(0.99), run.late_at(1.0));
}

int run_bench_replay(const Options& options) {
  check(options);
  const std::string uri = options.bus.empty() ? default_bus() : options.bus;
  const std::string owners = binding(uri);
  static_cast<void>(registry::strangers_on(owners));  // refuses what is no bus before there is a second process
  ReplayStudy study({.frames = options.frames, .rate_hz = options.rate_hz, .open = [uri, owners](bool owner) {
                       return registry::open_transport(owner ? owners : uri);
                     }});
  fmt::print("{} frames at {:g} Hz, an owner and a client in two processes over {}\n", options.frames, options.rate_hz,
             uri);
  fmt::print("{:<11}{:>8}{:>9}{:>9}{:>11}{:>11}{:>11}{:>30}\n", "", "", "round", "one-", "kB to", "kB to", "CPU per",
             "frame late by [ms]");
  fmt::print("{:<11}{:>8}{:>9}{:>9}{:>11}{:>11}{:>11}{:>10}{:>10}{:>10}\n", "way", "frames", "trips", "way", "owner",
             "client", "frame [µs]", "p50", "p99", "max");
  std::vector<ReplayRun> runs;
  for (const ReplayWay way : {ReplayWay::kPull, ReplayWay::kShip, ReplayWay::kPush}) {
    runs.push_back(study.run(way));
    print(runs.back());
  }
  write_replay_plot(options.svg,
                    fmt::format("Three ways to replay {} frames at {:g} Hz", options.frames, options.rate_hz), runs);
  fmt::print("plot: {}\n", options.svg);
  return 0;
}

}  // namespace

Command add_bench_replay(CLI::App& bench) {
  const auto options = std::make_shared<Options>();
  bench.add_option("--frames", options->frames, "of the recording; there are three plays")->capture_default_str();
  bench.add_option("--rate", options->rate_hz, "Hz of the recording")->capture_default_str();
  bench
      .add_option("--bus", options->bus,
                  "between the two processes; zmq+ipc in the folder for temporary files when not given")
      ->type_name("BUS");
  bench.add_option("--svg", options->svg, "where the plot goes")->capture_default_str();
  return [options] { return run_bench_replay(*options); };
}

}  // namespace takt::app
