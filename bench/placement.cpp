#include "placement.hpp"

#include <cerrno>
#include <cstddef>
#include <utility>

#include "takt/core/error.hpp"

namespace takt::bench {
namespace {

cpu_set_t allowed_cpus() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) {
    throw SystemError("cannot ask which CPUs this process may use", errno);
  }
  return set;
}

/// Both of the start: a thread that is pinned later still gets the same answer.
std::pair<int, int> first_and_last() {
  const cpu_set_t set = allowed_cpus();
  int first = -1;
  int last = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<std::size_t>(cpu), &set)) {
      first = first < 0 ? cpu : first;
      last = cpu;
    }
  }
  return {first, last};
}

const std::pair<int, int>& chosen() {
  static const std::pair<int, int> cpus = first_and_last();
  return cpus;
}

void move_to(const cpu_set_t& set) {
  if (sched_setaffinity(0, sizeof(set), &set) != 0) {
    throw SystemError("cannot choose the CPUs of a thread", errno);
  }
}

}  // namespace

int asking_cpu() {
  return chosen().first;
}

int working_cpu() {
  return chosen().second;
}

PinnedTo::PinnedTo(int cpu) : before_(allowed_cpus()) {
  static_cast<void>(chosen());  // asked before the answer shrinks
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  move_to(set);
}

PinnedTo::~PinnedTo() {
  static_cast<void>(sched_setaffinity(0, sizeof(before_), &before_));
}

Fifo::Fifo() : policy_before_(sched_getscheduler(0)) {
  sched_getparam(0, &parameters_before_);
  const sched_param fifo{.sched_priority = kFifoPriority};
  static_cast<void>(sched_setscheduler(0, SCHED_FIFO, &fifo));
}

Fifo::~Fifo() {
  static_cast<void>(sched_setscheduler(0, policy_before_, &parameters_before_));
}

}  // namespace takt::bench
