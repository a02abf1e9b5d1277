// How long is a message under way to another process, and how many go through?

#include <string>
#include <vector>

#include <fmt/core.h>

#include "comparison.hpp"
#include "links.hpp"
#include "questions.hpp"

namespace takt::bench {
namespace {

constexpr std::size_t kSmall_bytes = 64;
constexpr std::size_t kLarge_bytes = std::size_t{64} << 10U;

struct Slice {
  Latency under_way;
  double per_second{0};
};

std::vector<Latency> latencies(const std::vector<Slice>& slices) {
  std::vector<Latency> all;
  all.reserve(slices.size());
  for (const Slice& slice : slices) {
    all.push_back(slice.under_way);
  }
  return all;
}

/// More is better: the ratio stays baseline / takt in time per message.
Figure rate_figure(const std::string& name, const std::vector<Slice>& takt, const std::vector<Slice>& bare) {
  const SliceSample of_takt = column(takt, &Slice::per_second);
  const SliceSample of_bare = column(bare, &Slice::per_second);
  const Quartiles quartiles = ratio_quartiles(of_bare, of_takt);
  return {.name = name,
          .value = of_takt.median(),
          .unit = "msg/s",
          .baseline = of_bare.median(),
          .ratio = median_ratio(of_bare, of_takt),
          .goal = ">= baseline / 1.15",
          .best = quantile(of_takt.values, 1.0),
          .ratio_quartiles = {{quartiles.low, quartiles.high}}};
}

std::string size_name(std::size_t bytes) {
  return bytes < 1024 ? fmt::format("{} B", bytes) : fmt::format("{} KiB", bytes >> 10U);
}

void ask(Result& result, const Plan& plan, OneWay& ways, std::size_t takt, const Link& link, std::size_t bytes) {
  const auto slice = [&](std::size_t way) {
    return Slice{.under_way = ways.latency(way, plan.messages), .per_second = ways.rate(way, plan.flood_ms)};
  };
  const auto both = alternate(plan.link_slices, [&] { return slice(takt); }, [&] { return slice(takt + 1); });
  const std::string name = fmt::format("{}, {}, two processes", link.name, size_name(bytes));
  add_compared(result, name + ", under way", link.baseline, latencies(both[0]), latencies(both[1]),
               {.p50 = "<= 1.15 × baseline", .p99 = "<= 1.15 × baseline"});
  result.figures.push_back(rate_figure(name + ", most; baseline: " + link.baseline, both[0], both[1]));
}

}  // namespace

std::vector<Way> all_ways() {
  std::vector<Way> ways;
  for (const std::size_t bytes : {kSmall_bytes, kLarge_bytes}) {
    for (const Link& link : links_for(bytes)) {
      ways.push_back(link.takt);
      ways.push_back(link.bare);
    }
  }
  return ways;
}

void ask_links(Result& result, const Plan& plan, OneWay& ways) {
  std::size_t way = 0;
  for (const std::size_t bytes : {kSmall_bytes, kLarge_bytes}) {
    for (const Link& link : links_for(bytes)) {
      ask(result, plan, ways, way, link, bytes);
      way += 2;
    }
  }
  result.notes.push_back(fmt::format(
      "two processes: {} slices of each side in turn, in each {} messages at 1 kHz, then as many as go through in {} "
      "ms, all threads of both SCHED_FIFO where it is permitted; from before the call that sends until the receiving "
      "thread has the message; over ZeroMQ both sides reliable, with queues of 1000: takt's messages are granted by "
      "their reader, and small ones that pile up go together; the baseline's are one frame of PUB/SUB each, whose "
      "sender blocks in libzmq while there is no room; over UDP datagrams of 1472 bytes, and a window instead of "
      "back-pressure: {} and {} messages under way at most, the baseline sends on a connected socket; the ratio of a "
      "rate is takt / baseline",
      plan.link_slices, plan.messages, plan.flood_ms, udp_window(kSmall_bytes), udp_window(kLarge_bytes)));
}

}  // namespace takt::bench
