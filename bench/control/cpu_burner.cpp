#include "cpu_burner.hpp"

#include <exception>
#include <stop_token>
#include <thread>
#include <vector>

#include <sched.h>

#include "takt/core/time.hpp"

#include "cpu_load.hpp"
#include "placement.hpp"

namespace takt::bench {
namespace {

constexpr std::uint32_t kRest = 0;
constexpr std::uint32_t kBurn = 1;
constexpr core::Nanoseconds kBetweenLooks_ns = 2'000'000;

void burn_on(const std::stop_token& stop, int cpu) {
  const PinnedTo pinned(cpu);
  while (!stop.stop_requested()) {
    burn_cpu(kBetweenLooks_ns);
  }
}

/// In the child.
void serve(std::uint32_t question) {
  static std::vector<std::jthread> threads;
  threads.clear();
  if (question != kBurn) {
    return;
  }
  cpu_set_t allowed;
  sched_getaffinity(0, sizeof(allowed), &allowed);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<std::size_t>(cpu), &allowed)) {
      threads.emplace_back([cpu](const std::stop_token& stop) { burn_on(stop, cpu); });
    }
  }
}

}  // namespace

CpuBurner::CpuBurner() : child_(serve) {}

CpuBurner::Burning::Burning(CpuBurner& burner) : burner_(burner) {
  burner_.child_.ask(kBurn);
}

CpuBurner::Burning::~Burning() {
  try {
    burner_.child_.ask(kRest);
  } catch (const std::exception&) {
    // it has ended, and burns no more
  }
}

}  // namespace takt::bench
