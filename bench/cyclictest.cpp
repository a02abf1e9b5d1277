#include "cyclictest.hpp"

#include <array>
#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "placement.hpp"

namespace takt::bench {
namespace {

constexpr int kHistogramUs = 20'000;  // later ones are only counted

/// counts[i]: how often it was i µs late, the rest of the microsecond cut off. The last entry: later than that.
using Histogram = std::vector<double>;

struct Output {
  Histogram counts = Histogram(kHistogramUs + 1);
  int longest_us{0};
  std::string first_line;  // of what is no histogram: the complaint, if it has one
};

void take(Output& output, const std::string& line) {
  int late_us = 0;
  int count = 0;
  if (std::sscanf(line.c_str(), "# Histogram Overflows: %d", &count) == 1) {
    output.counts.back() += count;
  } else if (std::sscanf(line.c_str(), "# Max Latencies: %d", &late_us) == 1) {
    output.longest_us = late_us;
  } else if (line.starts_with("# Thread")) {
    return;
  } else if (line[0] != '#' && std::sscanf(line.c_str(), "%d %d", &late_us, &count) == 2) {
    if (late_us >= 0 && late_us < kHistogramUs) {
      output.counts[static_cast<std::size_t>(late_us)] += count;
    }
  } else if (line[0] != '#' && line[0] != '\n' && output.first_line.empty()) {
    output.first_line = line.substr(0, line.find('\n'));
  }
}

struct Close {
  void operator()(std::FILE* pipe) const { pclose(pipe); }
};

Expected<Output, std::string> run(const std::string& command) {
  const std::unique_ptr<std::FILE, Close> pipe(popen(command.c_str(), "re"));
  if (!pipe) {
    return Unexpected<std::string>("cannot run " + command);
  }
  Output output;
  for (std::array<char, 4096> line{}; std::fgets(line.data(), static_cast<int>(line.size()), pipe.get()) != nullptr;) {
    take(output, line.data());
  }
  double total = 0;
  for (const double count : output.counts) {
    total += count;
  }
  if (total == 0) {
    return Unexpected<std::string>(output.first_line.empty() ? "it says nothing" : output.first_line);
  }
  return output;
}

/// As if the times within one microsecond were spread evenly over it.
double quantile_us(const Histogram& counts, double q) {
  double total = 0;
  for (const double count : counts) {
    total += count;
  }
  double below = 0;
  for (std::size_t us = 0; us < counts.size(); ++us) {
    if (below + counts[us] >= q * total) {
      return static_cast<double>(us) + (q * total - below) / counts[us];
    }
    below += counts[us];
  }
  return kHistogramUs;
}

}  // namespace

Expected<Latency, std::string> cyclictest(int periods) {
  const auto output = run(fmt::format("cyclictest -q -m -t1 -a{} -p{} -i1000 -l{} -h{} 2>&1", asking_cpu(),
                                      kFifoPriority, periods, kHistogramUs));
  if (!output) {
    return Unexpected<std::string>(output.error());
  }
  return Latency{.p50_us = quantile_us(output->counts, 0.5),
                 .p99_us = quantile_us(output->counts, 0.99),
                 .p999_us = quantile_us(output->counts, 0.999),
                 .max_us = static_cast<double>(output->longest_us)};
}

}  // namespace takt::bench
