// Does a timer of 1 kHz keep its time while messages flood in?

#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <fmt/core.h>
#include <sys/resource.h>

#include "takt/realtime/sentinel.hpp"

#include "ddsperf.hpp"
#include "flooded_node.hpp"
#include "messages.hpp"
#include "placement.hpp"
#include "questions.hpp"
#include "ways.hpp"

namespace takt::bench {
namespace {

constexpr double kWantedPerSecond = 1e6;

/// A finer look than the one that a cycle offers.
constexpr realtime::SentinelOptions kFineSentinel = {.period_ns = 100'000, .threshold_ns = 200'000};

/// The calling thread, and what it starts meanwhile, goes before what else the machine does, where that is permitted.
class Preferred {
 public:
  Preferred() { static_cast<void>(setpriority(PRIO_PROCESS, 0, kNice)); }
  ~Preferred() { static_cast<void>(setpriority(PRIO_PROCESS, 0, before_)); }
  Preferred(const Preferred&) = delete;
  Preferred& operator=(const Preferred&) = delete;

 private:
  static constexpr int kNice = -10;
  int before_{getpriority(PRIO_PROCESS, 0)};
};

/// What a flood leaves behind.
struct Watch {
  Watch() : sentinel(stalls, asking_cpu(), kFineSentinel) {}
  realtime::StallLog stalls;
  realtime::Sentinel sentinel;
  Punctuality punctuality;
};

/// Bursts of a hundred, ten thousand times a second; what is behind is made up for. @return messages per second that it
/// came to
double publish_flood(bus::Bus& bus, int duration_ms) {
  constexpr int kBurst = 100;
  constexpr auto kPeriod_ns = static_cast<core::Nanoseconds>(1e9 * kBurst / kWantedPerSecond);
  const PinnedTo pinned(working_cpu());
  auto& topic = bus.topic<Sample>("/bench");
  Sample sample;
  const core::Nanoseconds start_ns = core::monotonic_now_ns();
  const core::Nanoseconds end_ns = start_ns + (duration_ms * core::Nanoseconds{1'000'000});
  std::uint64_t sent = 0;
  core::Nanoseconds now_ns = start_ns;
  for (core::Nanoseconds due_ns = start_ns; due_ns < end_ns && now_ns < end_ns; due_ns += kPeriod_ns) {
    while ((now_ns = core::monotonic_now_ns()) < due_ns) {
    }
    for (int i = 0; i < kBurst; ++i) {
      sample.stamp_ns = now_ns;
      topic.publish(sample);
    }
    sent += kBurst;
  }
  return static_cast<double>(sent) / core::to_seconds(core::monotonic_now_ns() - start_ns);
}

std::string listed(const std::vector<double>& stalls_ms) {
  std::string text;
  for (const double stall_ms : stalls_ms) {
    text += fmt::format("{}{:.2f}", text.empty() ? "" : ", ", stall_ms);
  }
  return text.empty() ? "none" : text;
}

void add(Result& result, const std::string& name, const Watch& watch) {
  const Punctuality& kept = watch.punctuality;
  result.figures.push_back({.name = "flood " + name + ", messages per second that the subscription handled",
                            .value = kept.heard_per_s(),
                            .unit = "msg/s"});
  result.figures.push_back(
      {.name = "timer of 1 kHz under a flood " + name + ", latest call, stalls of the CPU excluded",
       .value = kept.worst_ms,
       .unit = "ms",
       .goal = fmt::format("<= {}", kLate_ms)});
  result.notes.push_back(
      fmt::format("flood {}: {} messages handled, {} lost before ({} of them wait at most); {} calls of the timer, {} "
                  "of them later "
                  "than {} ms with stalls excluded, {} ticks missed, the latest {:.2f} ms with stalls; stalls that "
                  "made a call later "
                  "than that [ms]: {}{}",
                  name, kept.heard, kept.lost, kFloodedDepth, kept.calls, kept.late, kLate_ms, kept.missed,
                  kept.worst_with_stalls_ms, listed(kept.stalls_ms),
                  watch.sentinel.useful() ? "" : "; SCHED_FIFO is not permitted, so nobody watches for stalls"));
}

void flood_in_process(Result& result, const Plan& plan) {
  const Preferred preferred;
  Watch watch;
  double per_second = 0;
  {
    const auto bus = std::make_shared<bus::Bus>();
    const FloodedNode node(bus, watch.stalls, FloodedNode::to<Sample>("/bench"), watch.punctuality);
    std::jthread([&] { per_second = publish_flood(*bus, plan.flood_ms); }).join();
  }
  result.figures.push_back({.name = "flood in the process, messages per second that were published",
                            .value = per_second,
                            .unit = "msg/s",
                            .goal = fmt::format(">= {:.0f}", kWantedPerSecond)});
  if (per_second < 0.995 * kWantedPerSecond) {
    result.notes.push_back(
        fmt::format("flood in the process: this machine came to {:.0f} messages per second only, not "
                    "{:.0f}: the row of its timer says less than was asked",
                    per_second, kWantedPerSecond));
  }
  add(result, "in the process", watch);
}

void flood_on_dds(Result& result, const Plan& plan, std::uint32_t domain) {
  const Ddsperf ddsperf(domain);  // before: at the priority that it would have from a shell
  const Preferred preferred;
  Watch watch;
  {
    dds::DdsOptions options;
    options.domain = domain;
    options.plain_topics = {ddsperf_topic()};
    const auto bus = std::make_shared<bus::Bus>();
    bus->add(dds::open_dds(options));
    const FloodedNode node(bus, watch.stalls, FloodedNode::to<DdsperfSample>(ddsperf_topic().name), watch.punctuality);
    std::this_thread::sleep_for(std::chrono::milliseconds(plan.flood_ms));
  }
  if (watch.punctuality.heard == 0) {
    throw SystemError("bench: nothing was heard of ddsperf");
  }
  add(result, "on dds by ddsperf", watch);
}

}  // namespace

void ask_flood(Result& result, const Plan& plan, const Domains& domains) {
  flood_in_process(result, plan);
  flood_on_dds(result, plan, domains.takt);
  result.notes.emplace_back(
      "floods: the loop is pinned to the CPU that a sentinel watches, its process at nice -10 where that is permitted; "
      "in the process by a thread on the other CPU, which spins; on dds by Debian's ddsperf at its maximum rate from "
      "another process over the loopback interface (ddsperf -T OU pub: reliable, 4 bytes each, which it packs)");
}

}  // namespace takt::bench
