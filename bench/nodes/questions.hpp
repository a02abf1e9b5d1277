#pragma once

#include <vector>

#include "child.hpp"
#include "nodes/domains.hpp"
#include "nodes/load_children.hpp"
#include "nodes/services.hpp"
#include "one_way.hpp"
#include "result.hpp"
#include "shared_page.hpp"

/// What `nodes_bench` asks: one function per question, each in its own file, each adds its figures and notes.
namespace takt::bench {

/// How much of everything.
struct Plan {
  int load_slices{7};
  int load_ms{3000};
  int latency_slices{15};
  int messages{1000};
  int round_trip_slices{15};
  int calls{1000};
  int jitter_slices{8};
  int jitter_periods{100};
  int flood_ms{20'000};
};

/// A look at all rows within a quarter of a minute; its figures say little.
[[nodiscard]] inline Plan quick_plan() {
  return {.load_slices = 1,
          .load_ms = 1000,
          .latency_slices = 2,
          .messages = 200,
          .round_trip_slices = 2,
          .calls = 200,
          .jitter_slices = 1,
          .jitter_periods = 50,
          .flood_ms = 1500};
}

/// How much of a core do three nodes take that all say something a hundred times a second and all hear all?
/// In one process, and in three.
void ask_load(Result& result, const Plan& plan, const Domains& domains, LoadChildren& children);

/// How long from a write in another process until the coroutine that waits for it is resumed?
/// @param ways  node_way and bare_way
void ask_latency(Result& result, const Plan& plan, OneWay& ways);

/// How long does a call of a service in another process take?
void ask_round_trip(Result& result, const Plan& plan, const Domains& domains, EchoChild& echo);

/// How regular is a timer of 50 Hz?
void ask_jitter(Result& result, const Plan& plan);

/// Does a timer of 1 kHz keep its time while messages flood in?
/// Within the process, and from ddsperf on dds.
void ask_flood(Result& result, const Plan& plan, const Domains& domains);

}  // namespace takt::bench
