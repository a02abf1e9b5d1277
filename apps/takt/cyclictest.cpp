#include "cyclictest.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <vector>

#include <fmt/format.h>
#include <sys/wait.h>

namespace takt::app {
namespace {

constexpr int kHistogramUs = 20'000;  // later ones are counted together
constexpr int kNoSuchProgram = 127;   // the shell's word for it

struct Output {
  std::vector<int> counts = std::vector<int>(kHistogramUs);  // [i]: how often it was i µs late
  int later{0};
  int max_us{0};
  std::string complaint;  // the first line that is none of its table
};

void take(Output& output, const std::string& line) {
  int late_us = 0;
  int count = 0;
  if (line[0] == '#') {
    std::sscanf(line.c_str(), "# Max Latencies: %d", &output.max_us);
    std::sscanf(line.c_str(), "# Histogram Overflows: %d", &output.later);
  } else if (std::sscanf(line.c_str(), "%d %d", &late_us, &count) == 2) {
    if (late_us >= 0 && late_us < kHistogramUs) {
      output.counts[static_cast<std::size_t>(late_us)] += count;
    }
  } else if (line[0] != '\n' && output.complaint.empty()) {
    output.complaint = line.substr(0, line.find('\n'));
  }
}

/// fgets that goes on after a signal.
bool next_line(std::array<char, 4096>& line, std::FILE* pipe) {
  while (std::fgets(line.data(), static_cast<int>(line.size()), pipe) == nullptr) {
    if (std::ferror(pipe) == 0 || errno != EINTR) {
      return false;
    }
    std::clearerr(pipe);
  }
  return true;
}

constexpr core::Nanoseconds middle_of(int late_us) {
  return core::Nanoseconds{1000} * late_us + 500;
}

}  // namespace

Expected<void, std::string> run_cyclictest(const CyclictestOptions& options, core::LatencyHistogram& lateness) {
  const std::string pin = options.cpu ? fmt::format(" -a{}", *options.cpu) : "";
  const std::string command = fmt::format("cyclictest -q -m -t1{} -p{} -i1000 -l{} -h{} 2>&1", pin,
                                          options.fifo_priority, options.periods, kHistogramUs);
  std::FILE* pipe = popen(command.c_str(), "re");
  if (pipe == nullptr) {
    return Unexpected<std::string>("cyclictest cannot be started");
  }
  Output output;
  for (std::array<char, 4096> line{}; next_line(line, pipe);) {
    take(output, line.data());
  }
  const int status = pclose(pipe);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNoSuchProgram) {
    return Unexpected<std::string>("for a second opinion install cyclictest: sudo apt install rt-tests");
  }
  std::uint64_t wakes = 0;
  for (int late_us = 0; late_us < kHistogramUs; ++late_us) {
    for (int i = 0; i < output.counts[static_cast<std::size_t>(late_us)]; ++i, ++wakes) {
      lateness.record(middle_of(late_us));
    }
  }
  for (int i = 0; i < output.later; ++i, ++wakes) {  // only the longest of them is known
    lateness.record(middle_of(i == 0 ? std::max(output.max_us, kHistogramUs) : kHistogramUs));
  }
  if (wakes == 0) {
    return Unexpected<std::string>("cyclictest: " + (output.complaint.empty() ? "says nothing" : output.complaint));
  }
  return {};
}

}  // namespace takt::app
