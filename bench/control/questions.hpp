#pragma once

#include "cpu_burner.hpp"
#include "python_peer.hpp"
#include "remote_commander.hpp"
#include "result.hpp"

/// What `control_bench` asks: one function per question, each in its own file, each adds its figures and notes.
namespace takt::bench {

/// How much of everything.
struct Plan {
  // wake lateness
  int wake_slices{10};
  int wake_periods{6000};
  // gaps
  int gap_slices{30};
  int gap_periods{1000};
  int python_periods{10'000};
  // compute
  int free_cycles{30'000};
  int paced_cycles{5000};
  // set
  int set_slices{5};
  int sets{1000};
  // generator
  int generator_cycles{200'000};
};

/// A look at all rows within half a minute; its figures say little.
[[nodiscard]] inline Plan quick_plan() {
  return {.wake_slices = 3,
          .wake_periods = 500,
          .gap_slices = 2,
          .gap_periods = 1000,
          .python_periods = 1000,
          .free_cycles = 3000,
          .paced_cycles = 500,
          .set_slices = 2,
          .sets = 200,
          .generator_cycles = 20'000};
}

/// How late is the cycle woken, idle and with all CPUs busy?
void ask_wake(Result& result, const Plan& plan, CpuBurner& burner);

/// How long is the longest gap between two commands, whatever else the machine and the program do?
void ask_gap(Result& result, const Plan& plan, CpuBurner& burner, PythonPeer& python);

/// How long does a cycle compute, and does it allocate?
void ask_compute(Result& result, const Plan& plan);

/// How long from `set` until the first torque that uses it is written, from this process and another?
void ask_set(Result& result, const Plan& plan, RemoteCommander& remote);

/// How long does one step of the motion's generators take?
void ask_generator(Result& result, const Plan& plan);

}  // namespace takt::bench
