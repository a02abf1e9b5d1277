// How long does a call of a service in another process take?

#include <chrono>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"
#include "takt/node/node.hpp"

#include "comparison.hpp"
#include "messages.hpp"
#include "questions.hpp"
#include "ways.hpp"

namespace takt::bench {
namespace {

using namespace std::chrono_literals;

async::Task<void> serve(std::uint32_t domain, const std::atomic<bool>* over) {
  node::Node node("server", dds_bus(domain));
  node.serve<Echo>("/bench_echo", [](const Echo::Request& request) { return Echo::Response{request.stamp_ns}; });
  co_await node::with_node(node, [&]() -> async::Task<void> {
    while (!*over) {
      co_await async::sleep_for(10ms);
    }
  });
}

async::Task<std::vector<double>> call(std::uint32_t domain, int calls) {
  std::vector<double> took_us;
  node::Node node("client", dds_bus(domain));
  const auto client = node.client<Echo>("/bench_echo");
  co_await node::with_node(node, [&]() -> async::Task<void> {
    if (!co_await client.wait_for_service(20s)) {
      throw SystemError("bench: there is no service");
    }
    for (int i = -1; i < calls; ++i) {
      const Echo::Request request{core::monotonic_now_ns()};
      const auto response = co_await client.call(request, {.timeout = 5s});
      if (!response) {
        throw SystemError("bench: a service does not answer: " + std::string(to_string(response.error())));
      }
      if (i >= 0) {  // the first one was for discovery
        took_us.push_back(static_cast<double>(core::monotonic_now_ns() - response->stamp_ns) * 1e-3);
      }
    }
  });
  co_return took_us;
}

}  // namespace

void serve_by_node(std::uint32_t domain, const std::atomic<bool>& over) {
  async::EventLoop().run(serve(domain, &over));
}

std::vector<double> call_by_node(std::uint32_t domain, int calls) {
  return async::EventLoop().run(call(domain, calls));
}

void ask_round_trip(Result& result, const Plan& plan, const Domains& domains, EchoChild& echo) {
  const auto takt_side = [&] {
    return latency_of(echo.during(true, [&] { return call_by_node(domains.takt, plan.calls); }));
  };
  const auto bare_side = [&] {
    return latency_of(echo.during(false, [&] { return call_by_hand(domains.bare, plan.calls); }));
  };
  const auto both = alternate(plan.round_trip_slices, takt_side, bare_side);
  add_compared(result, "service on dds, two processes, there and back",
               "Cyclone DDS and Asio by hand, two topics, listeners and post", both[0], both[1],
               {.p50 = "<= 1.15 × baseline", .p99 = "<= 1.15 × baseline"});
  result.notes.push_back(fmt::format(
      "service: {} slices of {} calls of each side in turn, one call after the other; priorities as for dds",
      plan.round_trip_slices, plan.calls));
}

}  // namespace takt::bench
