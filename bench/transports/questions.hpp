#pragma once

#include <vector>

#include "one_way.hpp"
#include "result.hpp"

/// What `transports_bench` asks: one function per question, each in its own file, each adds its figures and notes.
namespace takt::bench {

/// How much of everything.
struct Plan {
  // in one process
  int in_process_slices{15};
  int in_process_batches{100};
  // two processes
  int link_slices{9};
  int messages{1000};
  int flood_ms{500};
};

/// A look at all rows within a quarter of a minute; its figures say little.
[[nodiscard]] inline Plan quick_plan() {
  return {.in_process_slices = 3, .in_process_batches = 20, .link_slices = 1, .messages = 100, .flood_ms = 100};
}

/// What does a publish of a node cost until its subscriber of the same process has it, nothing else in between?
void ask_in_process(Result& result, const Plan& plan);

/// How long is a message under way to another process, and how many go through?
void ask_links(Result& result, const Plan& plan, OneWay& ways);

/// What the child of ask_links sends on.
[[nodiscard]] std::vector<Way> all_ways();

}  // namespace takt::bench
