#include "load.hpp"

#include <chrono>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <fmt/core.h>

#include "takt/async/tasks/nursery.hpp"
#include "takt/node/node.hpp"

#include "bare_dds.hpp"
#include "bench_messages.h"
#include "loop_thread.hpp"
#include "messages.hpp"
#include "ways.hpp"

namespace takt::bench {
namespace {

constexpr auto kPeriod = std::chrono::milliseconds(kLoadPeriod_ms);

std::string load_topic(int node) {
  return fmt::format("/bench_{}", node);
}

using BareSample = bench_msgs_msg_dds__Sample_;

/// Everything that comes is counted by a coroutine.
async::Task<void> run_node(std::shared_ptr<bus::Bus> bus, int number, std::atomic<std::uint64_t>* delivered) {
  node::Node node(fmt::format("node_{}", number), std::move(bus));
  for (int from = 0; from < kLoadNodes; ++from) {
    node.subscribe<Sample>(load_topic(from), [delivered](const Sample&) -> async::Task<void> {
      delivered->fetch_add(1, std::memory_order_relaxed);
      co_return;
    });
  }
  node.timer(kPeriod, [publisher = node.publisher<Sample>(load_topic(number))] {
    [[maybe_unused]] const auto sent = publisher.publish({.stamp_ns = core::monotonic_now_ns(), .padding = {}});
  });
  co_await node.run();
}

async::Task<void> run_nodes(std::shared_ptr<bus::Bus> bus, std::vector<int> numbers,
                            std::atomic<std::uint64_t>* delivered) {
  co_await async::with_nursery([&](async::Nursery& nursery) -> async::Task<async::Join> {
    for (const int number : numbers) {
      nursery.start("node", run_node(bus, number, delivered));
    }
    co_return async::kJoin;
  });
}

class NodesOfTakt final : public LoadNodes {
 public:
  NodesOfTakt(std::uint32_t domain, const std::vector<int>& numbers, std::atomic<std::uint64_t>& delivered)
      : loop_([bus = dds_bus(domain), numbers, &delivered] { return run_nodes(bus, numbers, &delivered); }) {}

 private:
  LoopThread loop_;
};

/// One by hand: a writer, a reader of each topic, a timer without drift.
class BareNode {
 public:
  BareNode(boost::asio::io_context& io, const BareParticipant& participant, int number,
           std::atomic<std::uint64_t>& delivered)
      : writer_(participant.writer(bench_msgs_msg_dds__Sample__desc, "rt" + load_topic(number))),
        timer_(io, std::chrono::steady_clock::now() + kPeriod) {
    for (int from = 0; from < kLoadNodes; ++from) {
      const auto count = [&delivered](const auto&) { delivered.fetch_add(1, std::memory_order_relaxed); };
      readers_.push_back(std::make_unique<PostedReader<BareSample>>(io, participant, bench_msgs_msg_dds__Sample__desc,
                                                                    "rt" + load_topic(from), count));
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
  BareSample sample_{};
  std::vector<std::unique_ptr<PostedReader<BareSample>>> readers_;
};

class NodesByHand final : public LoadNodes {
 public:
  NodesByHand(std::uint32_t domain, const std::vector<int>& numbers, std::atomic<std::uint64_t>& delivered)
      : participant_(domain) {
    for (const int number : numbers) {
      nodes_.push_back(std::make_unique<BareNode>(io_, participant_, number, delivered));
    }
    thread_ = std::thread([this] { io_.run(); });
  }
  ~NodesByHand() override {
    io_.stop();
    thread_.join();
  }
  NodesByHand(const NodesByHand&) = delete;
  NodesByHand& operator=(const NodesByHand&) = delete;

 private:
  BareParticipant participant_;
  boost::asio::io_context io_{1};
  std::vector<std::unique_ptr<BareNode>> nodes_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<LoadNodes> start_load(LoadSide side, const Domains& domains, const std::vector<int>& numbers,
                                      std::atomic<std::uint64_t>& delivered) {
  if (side == LoadSide::kTakt) {
    return std::make_unique<NodesOfTakt>(domains.takt, numbers, delivered);
  }
  return std::make_unique<NodesByHand>(domains.bare, numbers, delivered);
}

}  // namespace takt::bench
