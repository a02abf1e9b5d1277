#include "load_children.hpp"

#include <chrono>
#include <cstdio>
#include <exception>
#include <thread>

#include <time.h>
#include <unistd.h>

namespace takt::bench {
namespace {

/// All threads of this process.
double cpu_s() {
  timespec spent{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + (static_cast<double>(spent.tv_nsec) * 1e-9);
}

}  // namespace

Spent spent_between(core::Nanoseconds start_ns, core::Nanoseconds end_ns, const std::atomic<std::uint64_t>& delivered) {
  core::steady_clock().sleep_until_ns(start_ns);
  const double cpu_before_s = cpu_s();
  const std::uint64_t before = delivered;
  core::steady_clock().sleep_until_ns(end_ns);
  return {.cpu_s = cpu_s() - cpu_before_s, .delivered = delivered - before};
}

LoadChildren::LoadChildren(const Domains& domains) : domains_(domains) {
  for (int number = 0; number < kLoadNodes; ++number) {
    children_.at(static_cast<std::size_t>(number)) =
        std::make_unique<Child>([this, number](std::uint32_t side) { serve(number, static_cast<LoadSide>(side)); });
  }
}

Spent LoadChildren::work(LoadSide side, core::Nanoseconds start_ns, core::Nanoseconds end_ns) {
  task_->start_ns = start_ns;
  task_->end_ns = end_ns;
  for (const auto& child : children_) {
    child->begin(static_cast<std::uint32_t>(side));
  }
  for (const auto& child : children_) {
    child->finish();
  }
  Spent all;
  for (const Spent& one : task_->spent) {
    all.cpu_s += one.cpu_s;
    all.delivered += one.delivered;
  }
  return all;
}

void LoadChildren::serve(int number, LoadSide side) {
  constexpr auto kMargin = std::chrono::milliseconds(200);  // nobody leaves while another is measured
  try {
    std::atomic<std::uint64_t> delivered{0};
    const auto nodes = start_load(side, domains_, {number}, delivered);
    task_->spent.at(static_cast<std::size_t>(number)) = spent_between(task_->start_ns, task_->end_ns, delivered);
    std::this_thread::sleep_for(kMargin);
  } catch (const std::exception& error) {
    static_cast<void>(std::fprintf(stderr, "bench, process of node %d: %s\n", number, error.what()));
    _exit(1);
  }
}

}  // namespace takt::bench
