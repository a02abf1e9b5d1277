#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "takt/core/error.hpp"

#include "commands.hpp"
#include "delivery_study.hpp"
#include "plot.hpp"

namespace takt::app {
namespace {

struct Options {
  DeliveryStudyOptions study;
  std::string svg{"delivery.svg"};
};

int run_bench_delivery(const Options& options) {
  if (!(options.study.duration_s > 0.0 && options.study.duration_s <= 3600.0)) {
    throw ConfigError("--duration", 0, "",
                      fmt::format("must be more than 0, at most 3600, is {}", options.study.duration_s));
  }
  if (!(options.study.rate_hz > 0.0 && options.study.rate_hz <= 1000.0)) {
    throw ConfigError("--rate", 0, "", fmt::format("must be more than 0, at most 1000, is {}", options.study.rate_hz));
  }
  if (options.study.duration_s * options.study.rate_hz < 10.0) {
    throw ConfigError("--duration", 0, "", "is too short: fewer than ten commands per run");
  }
  fmt::print("age of a command when it is applied [ms], {:g} Hz, {:g} s each\n", options.study.rate_hz,
             options.study.duration_s);
  const auto runs = run_delivery_study(options.study);
  fmt::print("{:<24}{:>10}{:>10}{:>10}{:>10}{:>11}{:>9}\n", "delivery", "p50", "p99", "p99.9", "max", "published",
             "dropped");
  std::vector<PlotCurve> curves;
  for (const DeliveryRun& run : runs) {
    fmt::print("{:<24}{:>10.4f}{:>10.4f}{:>10.4f}{:>10.4f}{:>11}{:>9}\n", name_of(run), run.age_at(0.5),
               run.age_at(0.99), run.age_at(0.999), run.age_at(1.0), run.published, run.dropped);
    curves.push_back({.name = name_of(run), .values_ms = run.age_ms});
  }
  write_distribution_plot(options.svg, fmt::format("Delivery of commands at {:g} Hz", options.study.rate_hz), curves);
  fmt::print("plot: {}\n", options.svg);
  return 0;
}

}  // namespace

Command add_bench_delivery(CLI::App& bench) {
  const auto options = std::make_shared<Options>();
  bench.add_option("--duration", options->study.duration_s, "seconds per run; there are eight runs")
      ->capture_default_str();
  bench.add_option("--rate", options->study.rate_hz, "Hz of producer and executer")->capture_default_str();
  bench.add_option("--jitter-seed", options->study.jitter_seed, "of the runs with jitter")->capture_default_str();
  bench.add_option("--svg", options->svg, "where the plot goes")->capture_default_str();
  return [options] { return run_bench_delivery(*options); };
}

}  // namespace takt::app
