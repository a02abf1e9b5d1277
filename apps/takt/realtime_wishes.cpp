#include "realtime_wishes.hpp"

#include <cstddef>

#include <fmt/format.h>
#include <sched.h>

namespace takt::app {

std::string objection_to_cpu(int cpu) {
  cpu_set_t usable;
  CPU_ZERO(&usable);
  if (sched_getaffinity(0, sizeof(usable), &usable) != 0 || cpu < 0 || cpu >= CPU_SETSIZE ||
      !CPU_ISSET(static_cast<std::size_t>(cpu), &usable)) {
    return fmt::format("this process may not use CPU {} (taskset -p tells which)", cpu);
  }
  return {};
}

std::string objection_to_priority(int priority) {
  return priority < 1 || priority > 99 ? fmt::format("must be 1 … 99, is {}", priority) : std::string();
}

}  // namespace takt::app
