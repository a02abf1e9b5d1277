// Does a timer of 1 kHz keep its time while messages flood in?

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <fmt/core.h>
#include <sys/resource.h>

#include "takt/node/node.hpp"
#include "takt/realtime/sentinel.hpp"

#include "flooded_node.hpp"
#include "messages.hpp"
#include "placement.hpp"
#include "questions.hpp"
#include "ways.hpp"

namespace takt::bench {
namespace {

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

/// What a run of ask_flood leaves behind. The receiver of the way has no other way out.
struct Watch {
  Watch() : sentinel(stalls, asking_cpu(), kFineSentinel) {}
  realtime::StallLog stalls;
  realtime::Sentinel sentinel;
  Punctuality punctuality;
};

std::optional<Watch>& watch() {
  static std::optional<Watch> current;
  return current;
}

class FloodedReceiver final : public Receiver {
 public:
  FloodedReceiver(std::uint32_t domain, Hear hear)
      : node_(dds_bus(domain), watch()->stalls, std::move(hear), watch()->punctuality) {}

 private:
  FloodedNode node_;
};

/// Bursts of a hundred, ten thousand times a second. @return messages per second that it came to
double flood_in_process(bus::Bus& bus, int duration_ms) {
  constexpr int kBurst = 100;
  constexpr core::Nanoseconds kPeriod_ns = 100'000;
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

void add(Result& result, const std::string& name, double per_second) {
  const Punctuality& kept = watch()->punctuality;
  result.figures.push_back(
      {.name = "timer of 1 kHz under a flood " + name + ", latest call, stalls of the CPU excluded",
       .value = kept.worst_ms,
       .unit = "ms",
       .goal = fmt::format("<= {}", kLate_ms)});
  std::string stalls = "none";
  if (!kept.stalls_ms.empty()) {
    stalls.clear();
    for (const double stall_ms : kept.stalls_ms) {
      stalls += fmt::format("{}{:.2f}", stalls.empty() ? "" : ", ", stall_ms);
    }
  }
  result.notes.push_back(fmt::format(
      "flood {}: {:.3g} messages per second, {} handled; {} calls of the timer, {} ticks missed, the latest {:.2f} ms "
      "with stalls; stalls that made a call late by more than {} ms [ms]: {}{}",
      name, per_second, kept.heard, kept.calls, kept.missed, kept.worst_with_stalls_ms, kLate_ms, stalls,
      watch()->sentinel.useful() ? "" : "; SCHED_FIFO is not permitted, so nobody watches for stalls"));
}

}  // namespace

Way flooding_way(std::uint32_t domain) {
  return {.name = "dds, as fast as it goes",
          .sender = [domain] { return bare_sender(domain); },
          .receiver = [domain](Hear hear) { return std::make_unique<FloodedReceiver>(domain, std::move(hear)); },
          .window = 0};
}

void ask_flood(Result& result, const Plan& plan, OneWay& flood) {
  const Preferred preferred;
  watch().emplace();
  double per_second = 0;
  {
    const auto bus = std::make_shared<bus::Bus>();
    const FloodedNode node(bus, watch()->stalls, {}, watch()->punctuality);
    std::jthread([&] { per_second = flood_in_process(*bus, plan.flood_ms); }).join();
  }
  add(result, "in the process", per_second);

  watch().emplace();
  per_second = flood.rate(0, plan.flood_ms);
  add(result, "from another process on dds", per_second);
  result.notes.emplace_back(
      "floods: the loop is pinned to the CPU that a sentinel watches, the process at nice -10 where that is permitted; "
      "in "
      "the "
      "process by a thread on the other CPU, which spins; on dds by a program by hand that writes without a pause, as "
      "ddsperf does");
  watch().reset();
}

}  // namespace takt::bench
