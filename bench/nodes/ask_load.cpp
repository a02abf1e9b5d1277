// How much of a core do three nodes take that all say something a hundred times a second and all hear all?

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <fmt/core.h>
#include <time.h>

#include "takt/core/error.hpp"
#include "takt/node/node.hpp"

#include "bare_dds.hpp"
#include "bench_messages.h"
#include "comparison.hpp"
#include "loop_thread.hpp"
#include "messages.hpp"
#include "questions.hpp"
#include "ways.hpp"

namespace takt::bench {
namespace {

using namespace std::chrono_literals;

constexpr int kNodes = 3;
constexpr auto kPeriod = 10ms;
constexpr auto kSettle = 500ms;

std::string topic_of(int node) {
  return fmt::format("/bench_{}", node);
}

double cpu_s() {
  timespec spent{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + (static_cast<double>(spent.tv_nsec) * 1e-9);
}

struct Load {
  double percent{0};
  double deliveries_per_s{0};
};

/// What the process takes while everything runs. @param delivered  counted meanwhile
Load measure(int duration_ms, const std::atomic<std::uint64_t>& delivered) {
  std::this_thread::sleep_for(kSettle);
  const double cpu_before_s = cpu_s();
  const std::uint64_t before = delivered;
  const core::Nanoseconds start_ns = core::monotonic_now_ns();
  std::this_thread::sleep_for(std::chrono::milliseconds(duration_ms));
  const double took_s = core::to_seconds(core::monotonic_now_ns() - start_ns);
  const Load load{.percent = 100 * (cpu_s() - cpu_before_s) / took_s,
                  .deliveries_per_s = static_cast<double>(delivered - before) / took_s};
  if (load.deliveries_per_s < 450) {
    throw SystemError(fmt::format("bench: {:.0f} deliveries per second, not 900", load.deliveries_per_s));
  }
  return load;
}

/// Everything that comes is counted by a coroutine.
async::Task<void> three_nodes(std::shared_ptr<bus::Bus> bus, std::atomic<std::uint64_t>* delivered) {
  std::array<std::optional<node::Node>, kNodes> nodes;
  for (int i = 0; i < kNodes; ++i) {
    node::Node& node = nodes.at(static_cast<std::size_t>(i)).emplace(fmt::format("node_{}", i), bus);
    for (int from = 0; from < kNodes; ++from) {
      node.subscribe<Sample>(topic_of(from), [delivered](const Sample&) -> async::Task<void> {
        delivered->fetch_add(1, std::memory_order_relaxed);
        co_return;
      });
    }
    node.timer(kPeriod, [publisher = node.publisher<Sample>(topic_of(i))] {
      [[maybe_unused]] const auto sent = publisher.publish({.stamp_ns = core::monotonic_now_ns(), .padding = {}});
    });
  }
  co_await node::with_node(*nodes[0], *nodes[1], [&]() -> async::Task<void> { co_await nodes[2]->run(); });
}

Load load_of_nodes(std::uint32_t domain, int duration_ms) {
  std::atomic<std::uint64_t> delivered{0};
  const LoopThread loop([bus = dds_bus(domain), &delivered] { return three_nodes(bus, &delivered); });
  return measure(duration_ms, delivered);
}

/// One of three by hand: a writer, a reader of each topic, a timer without drift.
class BareNode {
 public:
  BareNode(boost::asio::io_context& io, const BareParticipant& participant, int own,
           std::atomic<std::uint64_t>& delivered)
      : writer_(participant.writer(bench_msgs_msg_dds__Sample__desc, "rt" + topic_of(own))),
        timer_(io, std::chrono::steady_clock::now() + kPeriod) {
    for (int from = 0; from < kNodes; ++from) {
      const auto count = [&delivered](const auto&) { delivered.fetch_add(1, std::memory_order_relaxed); };
      readers_.push_back(std::make_unique<PostedReader<bench_msgs_msg_dds__Sample_>>(
          io, participant, bench_msgs_msg_dds__Sample__desc, "rt" + topic_of(from), count));
    }
    wait();
  }
  BareNode(const BareNode&) = delete;
  BareNode& operator=(const BareNode&) = delete;

 private:
  void wait() {
    timer_.async_wait([this](boost::system::error_code cancelled) {
      if (!cancelled) {
        sample_.stamp_ns = core::monotonic_now_ns();
        (void)dds_write(writer_, &sample_);
        timer_.expires_at(timer_.expiry() + kPeriod);
        wait();
      }
    });
  }

  dds_entity_t writer_;
  boost::asio::steady_timer timer_;
  bench_msgs_msg_dds__Sample_ sample_{};
  std::vector<std::unique_ptr<PostedReader<bench_msgs_msg_dds__Sample_>>> readers_;
};

Load load_by_hand(std::uint32_t domain, int duration_ms) {
  std::atomic<std::uint64_t> delivered{0};
  const BareParticipant participant(domain);
  boost::asio::io_context io(1);
  std::vector<std::unique_ptr<BareNode>> nodes;
  for (int i = 0; i < kNodes; ++i) {
    nodes.push_back(std::make_unique<BareNode>(io, participant, i, delivered));
  }
  std::jthread thread([&io] { io.run(); });
  const Load load = measure(duration_ms, delivered);
  io.stop();
  thread.join();
  return load;
}

}  // namespace

void ask_load(Result& result, const Plan& plan, const Domains& domains) {
  const auto both = alternate(
      plan.load_slices, [&] { return load_of_nodes(domains.takt, plan.load_ms); },
      [&] { return load_by_hand(domains.bare, plan.load_ms); });
  result.figures.push_back(compared(
      "CPU of one core, 3 nodes of a process on dds, 100 Hz, all to all; baseline: Cyclone DDS and Asio by hand",
      column(both[0], &Load::percent), column(both[1], &Load::percent), "%", "<= 1.15 × baseline"));
  result.notes.push_back(
      fmt::format("load: {} slices of {} s of each side in turn; {:.0f} deliveries per second (by hand {:.0f}); "
                  "between the nodes of "
                  "a process messages go by reference, by hand through Cyclone DDS's local delivery",
                  plan.load_slices, plan.load_ms / 1000, column(both[0], &Load::deliveries_per_s).median(),
                  column(both[1], &Load::deliveries_per_s).median()));
}

}  // namespace takt::bench
