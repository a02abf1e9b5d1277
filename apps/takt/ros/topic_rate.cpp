// takt topic hz, takt topic delay: how often messages come, and how old they are when they do.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <boost/describe.hpp>
#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/json.hpp"
#include "takt/messages/json_value.hpp"

#include "../commands.hpp"
#include "topic_commands.hpp"

namespace takt::app {
namespace {

using core::Nanoseconds;

constexpr Nanoseconds kReportEvery = core::kNanosecondsPerSecond;

struct RateOptions {
  ListenOptions listen;
  std::size_t window{10'000};
};

struct RateReport {
  double average_hz{0.0};
  double min_s{0.0};
  double max_s{0.0};
  double std_dev_s{0.0};
  std::size_t window{0};
};
BOOST_DESCRIBE_STRUCT(RateReport, (), (average_hz, min_s, max_s, std_dev_s, window))

struct DelayReport {
  double average_s{0.0};
  double min_s{0.0};
  double max_s{0.0};
  double std_dev_s{0.0};
  std::size_t window{0};
};
BOOST_DESCRIBE_STRUCT(DelayReport, (), (average_s, min_s, max_s, std_dev_s, window))

/// The last durations, at most as many as the window holds.
class Durations {
 public:
  explicit Durations(std::size_t window) : window_(window) {}

  void add(Nanoseconds duration) {
    last_.push_back(core::to_seconds(duration));
    if (last_.size() > window_) {
      last_.pop_front();
    }
  }
  [[nodiscard]] DelayReport report() const {
    const auto [min, max] = std::ranges::minmax(last_);
    double sum = 0.0;
    std::ranges::for_each(last_, [&](double one) { sum += one; });
    const double average = sum / static_cast<double>(last_.size());
    double squares = 0.0;
    std::ranges::for_each(last_, [&](double one) { squares += (one - average) * (one - average); });
    return {.average_s = average,
            .min_s = min,
            .max_s = max,
            .std_dev_s = std::sqrt(squares / static_cast<double>(last_.size())),
            .window = last_.size()};
  }
  [[nodiscard]] bool empty() const noexcept { return last_.empty(); }

 private:
  std::size_t window_;
  std::deque<double> last_;
};

void show_rate(const DelayReport& between, bool json) {
  const RateReport report{.average_hz = between.average_s > 0.0 ? 1.0 / between.average_s : 0.0,
                          .min_s = between.min_s,
                          .max_s = between.max_s,
                          .std_dev_s = between.std_dev_s,
                          .window = between.window};
  if (json) {
    fmt::print("{}\n", messages::to_json(report));
  } else {
    fmt::print("average rate: {:.3f}\n\tmin: {:.6f}s max: {:.6f}s std dev: {:.6f}s window: {}\n", report.average_hz,
               report.min_s, report.max_s, report.std_dev_s, report.window);
  }
  std::fflush(stdout);
}

void show_delay(const DelayReport& report, bool json) {
  if (json) {
    fmt::print("{}\n", messages::to_json(report));
  } else {
    fmt::print("average delay: {:.6f}\n\tmin: {:.6f}s max: {:.6f}s std dev: {:.6f}s window: {}\n", report.average_s,
               report.min_s, report.max_s, report.std_dev_s, report.window);
  }
  std::fflush(stdout);
}

/// Reports once a second, as messages come, and at the end.
template <class Show>
class Meter {
 public:
  Meter(const RateOptions& options, Show show)
      : durations_(options.window), json_(options.listen.bus.json), show_(show) {}

  void add(Nanoseconds duration, Nanoseconds now) {
    durations_.add(duration);
    fresh_ = true;
    if (now - reported_ns_ >= kReportEvery) {
      reported_ns_ = now;
      report();
    }
  }
  /// What was not said yet.
  void report() {
    if (fresh_) {
      show_(durations_.report(), json_);
    }
    fresh_ = false;
  }

 private:
  Durations durations_;
  bool json_;
  Show show_;
  Nanoseconds reported_ns_{core::monotonic_now_ns()};
  bool fresh_{false};
};

int hz(const RateOptions& options) {
  Meter meter(options, show_rate);
  std::optional<Nanoseconds> last;
  const int code = run_listening(options.listen, [&](const messages::DynamicType&, const RawMessage& message) {
    if (last) {
      meter.add(message.info.received_ns - *last, message.info.received_ns);
    }
    last = message.info.received_ns;
    return true;
  });
  meter.report();
  return code;
}

/// The header's, of a message that has one.
Nanoseconds stamp_of(const messages::DynamicType& type, const RawMessage& message) {
  const auto json = type.json_from_cdr(message.bytes);
  const auto document = json ? messages::JsonDocument::parse(*json) : Unexpected(json.error());
  const auto header = document ? document->root().member("header") : std::nullopt;
  const auto stamp = header ? header->member("stamp") : std::nullopt;
  const auto sec = stamp ? stamp->member("sec") : std::nullopt;
  const auto nanosec = stamp ? stamp->member("nanosec") : std::nullopt;
  if (!sec || !nanosec) {
    throw ConfigError("TOPIC", 0, "", "a " + type.name() + " has no header with a stamp");
  }
  return sec->as_int64().value_or(0) * core::kNanosecondsPerSecond + nanosec->as_int64().value_or(0);
}

int delay(const RateOptions& options) {
  Meter meter(options, show_delay);
  const int code = run_listening(options.listen, [&](const messages::DynamicType& type, const RawMessage& message) {
    const Nanoseconds since_then = core::monotonic_now_ns() - message.info.received_ns;
    meter.add(core::wall_now_ns() - since_then - stamp_of(type, message), message.info.received_ns);
    return true;
  });
  meter.report();
  return code;
}

std::shared_ptr<RateOptions> add_rate_options(CLI::App& app) {
  const auto options = std::make_shared<RateOptions>();
  add_listen_options(app, options->listen);
  app.add_option("--window", options->window, "of the last so many messages; default: 10000")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  return options;
}

}  // namespace

Command add_topic_hz(CLI::App& app) {
  return [options = add_rate_options(app)] { return hz(*options); };
}

Command add_topic_delay(CLI::App& app) {
  return [options = add_rate_options(app)] { return delay(*options); };
}

}  // namespace takt::app
