#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/describe.hpp>
#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/core/log.hpp"
#include "takt/messages/json.hpp"
#include "takt/realtime/cycle_verdict.hpp"
#include "takt/realtime/host_check.hpp"

#include "commands.hpp"
#include "interrupt.hpp"
#include "realtime_wishes.hpp"
#include "wake_study.hpp"

namespace takt::app {

// What `--json` writes; docs/guide/real-time-host.md.
struct RtWakes {
  std::string name;
  std::uint64_t samples{0};
  std::optional<std::uint64_t> missed;
  double p50_us{0};
  double p99_us{0};
  double p999_us{0};
  double max_us{0};
};
BOOST_DESCRIBE_STRUCT(RtWakes, (), (name, samples, missed, p50_us, p99_us, p999_us, max_us))

struct RtFinding {
  std::string name;
  std::string level;
  std::string found;
  std::string fix;
};
BOOST_DESCRIBE_STRUCT(RtFinding, (), (name, level, found, fix))

struct RtReport {
  std::string schema{"takt.bench.rt/1"};
  double duration_s{0};
  std::optional<int> cpu;
  int fifo_priority{0};
  bool fifo{false};
  bool pinned{false};
  bool memory_locked{false};
  bool kept_awake{false};
  bool interrupted{false};
  std::vector<RtWakes> wakes;
  std::string note;
  std::string fitness;
  std::string verdict;
  std::vector<RtFinding> findings;
};
BOOST_DESCRIBE_STRUCT(RtReport, (),
                      (schema, duration_s, cpu, fifo_priority, fifo, pinned, memory_locked, kept_awake, interrupted,
                       wakes, note, fitness, verdict, findings))

namespace {

struct Options {
  WakeStudyOptions study;
  bool json{false};
};

void require_valid(const WakeStudyOptions& options) {
  if (!(options.duration_s >= 0.001 && options.duration_s <= 86'400.0)) {
    throw ConfigError("--duration", 0, "", fmt::format("must be 0.001 … 86400, is {}", options.duration_s));
  }
  if (const std::string why = objection_to_priority(options.fifo_priority); !why.empty()) {
    throw ConfigError("--priority", 0, "", why);
  }
  if (const std::string why = options.cpu ? objection_to_cpu(*options.cpu) : ""; !why.empty()) {
    throw ConfigError("--cpu", 0, "", why);
  }
}

void show_findings(const std::vector<realtime::Finding>& findings) {
  for (const auto& finding : findings) {
    fmt::print("{:<9}{:<22}{}\n", realtime::name_of(finding.level), finding.name, finding.found);
    if (!finding.fix.empty()) {
      fmt::print("{:<9}{:<22}fix: {}\n", "", "", finding.fix);
    }
  }
}

void show_study(const WakeStudy& study) {
  fmt::print("{:<24}{:>9}{:>9}{:>9}{:>10}{:>10}{:>8}\n", "wakes late by [µs]", "p50", "p99", "p99.9", "max", "samples",
             "missed");
  for (const WakeRow& row : study.rows) {
    fmt::print("{:<24}{:>9.1f}{:>9.1f}{:>9.1f}{:>10.1f}{:>10}{:>8}\n", row.name, row.lateness.p50_us,
               row.lateness.p99_us, row.lateness.p999_us, row.lateness.max_us, row.lateness.count,
               row.missed ? fmt::to_string(*row.missed) : "-");
  }
  if (!study.note.empty()) {
    fmt::print("{}\n", study.note);
  }
  if (!study.fifo) {
    fmt::print("measured without SCHED_FIFO, which is not granted\n");
  }
  fmt::print("\n{}\n", realtime::verdict(study.rows.front().lateness));
}

RtReport report_of(const Options& options, const std::vector<realtime::Finding>& findings, const WakeStudy& study) {
  RtReport report{.duration_s = options.study.duration_s,
                  .cpu = options.study.cpu,
                  .fifo_priority = options.study.fifo_priority,
                  .fifo = study.fifo,
                  .pinned = study.pinned,
                  .memory_locked = study.memory_locked,
                  .kept_awake = study.kept_awake,
                  .interrupted = interrupted(),
                  .wakes = {},
                  .note = study.note,
                  .fitness = std::string(name_of(realtime::fitness_of(study.rows.front().lateness))),
                  .verdict = realtime::verdict(study.rows.front().lateness),
                  .findings = {}};
  for (const auto& [name, lateness, missed] : study.rows) {
    report.wakes.push_back({.name = name,
                            .samples = lateness.count,
                            .missed = missed,
                            .p50_us = lateness.p50_us,
                            .p99_us = lateness.p99_us,
                            .p999_us = lateness.p999_us,
                            .max_us = lateness.max_us});
  }
  for (const auto& [name, level, found, fix] : findings) {
    report.findings.push_back({name, std::string(name_of(level)), found, fix});
  }
  return report;
}

int run_bench_rt(const Options& options) {
  require_valid(options.study);
  catch_interrupts();
  core::set_log_level(core::LogLevel::kError);  // the findings say what is refused, and what helps
  const auto findings = realtime::check_host({.cpu = options.study.cpu, .fifo_priority = options.study.fifo_priority});
  if (!options.json) {
    show_findings(findings);
    fmt::print("\nmeasuring, {:g} s for each line …\n", options.study.duration_s);
    std::fflush(stdout);
  }
  const WakeStudy study = run_wake_study(options.study);
  if (options.json) {
    fmt::print("{}\n", messages::to_json(report_of(options, findings, study)));
  } else {
    show_study(study);
  }
  return 0;
}

std::string meaning() {
  using namespace realtime;
  return fmt::format(
      "The verdict is about the lateness of takt's own wake-ups, against the FR3's interface (FCI), which "
      "leaves a client {0:g} µs of each millisecond and stops after 20 lost commands:\n"
      "  good   p99.9 at most {1:g} µs, and none later than {2:g} µs\n"
      "  tight  p99.9 at most {0:g} µs, and none of {3:g} µs or more\n"
      "  unfit  anything worse\n"
      "Findings: ok; advice (costs microseconds, or matters under load); problem (may break the promise "
      "by itself); unknown.",
      kClientBudgetUs, kGoodLatenessUs, kCyclePeriodUs, kLongestGapUs);
}

}  // namespace

Command add_bench_rt(CLI::App& bench) {
  const auto options = std::make_shared<Options>();
  bench
      .add_option("--duration", options->study.duration_s, "seconds for each line of the table; there are up to three")
      ->capture_default_str();
  bench.add_option("--cpu", options->study.cpu, "measure on this CPU, and check it for a cycle");
  bench.add_option("--priority", options->study.fifo_priority, "SCHED_FIFO priority, 1 to 99")->capture_default_str();
  bench.add_flag("--json", options->json, "one JSON object instead of tables");
  bench.footer(meaning());
  return [options] { return run_bench_rt(*options); };
}

}  // namespace takt::app
