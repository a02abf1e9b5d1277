// How soon does a task know that the isolated object it waits for has crashed?

#include <chrono>
#include <csignal>
#include <cstddef>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <unistd.h>

#include "takt/async/isolate.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/time.hpp"

#include "placement.hpp"
#include "questions.hpp"

namespace takt::bench {
namespace {

constexpr int kCrashes = 100;
constexpr std::size_t kModelBytes = std::size_t{256} * 1024 * 1024;
constexpr std::chrono::milliseconds kLife{2};

class Victim {
 public:
  explicit Victim(std::size_t bytes) : memory_(bytes, 1) {}
  void wait() {  // NOLINT(readability-convert-member-functions-to-static): an isolated object's member is called
    while (true) {
      pause();
    }
  }

 private:
  std::vector<char> memory_;
};

Victim make_victim(std::size_t bytes) {
  return Victim(bytes);
}

async::Task<void> kill_later(pid_t process, int signal, core::Nanoseconds* killed_ns) {
  co_await async::sleep_for(kLife);
  *killed_ns = core::monotonic_now_ns();
  kill(process, signal);
}

/// From the signal until the task that waits for a call has the error.
async::Task<double> notice_us(int signal, std::size_t bytes) {
  auto victim = co_await async::isolate(make_victim, bytes);
  core::Nanoseconds killed_ns = 0;
  core::Nanoseconds known_ns = 0;
  co_await async::with_nursery([&](async::Nursery& nursery) -> async::Task<async::Join> {
    nursery.start("killer", kill_later(victim.process(), signal, &killed_ns));
    try {
      co_await victim.call<&Victim::wait>();
    } catch (const async::ChildCrashed& crash) {
      known_ns = core::monotonic_now_ns();
      if (crash.signal() != signal) {
        throw LogicError("the error names another signal");
      }
    }
    co_return async::kJoin;
  });
  co_return static_cast<double>(known_ns - killed_ns) * 1e-3;
}

void ask(Result& result, const std::string& name, int signal, std::size_t bytes) {
  std::vector<double> sample_us;
  {
    const FifoOn placed(asking_cpu());  // the children are not
    for (int i = 0; i < kCrashes; ++i) {
      sample_us.push_back(async::EventLoop().run(notice_us(signal, bytes)));
    }
  }
  const std::string what = fmt::format("{} of an isolated object until the caller has the error", name);
  result.figures.push_back({.name = what + ", p50", .value = quantile(sample_us, 0.5), .unit = "µs"});
  result.figures.push_back({.name = what + ", p99", .value = quantile(sample_us, 0.99), .unit = "µs"});
  result.figures.push_back({.name = fmt::format("{}, longest of {}", what, kCrashes),
                            .value = quantile(sample_us, 1.0),
                            .unit = "µs",
                            .goal = "<= 10 000"});
}

}  // namespace

void ask_crash(Result& result) {
  ask(result, "SIGSEGV", SIGSEGV, 0);
  ask(result, "SIGSEGV, 256 MiB resident,", SIGSEGV, kModelBytes);
  ask(result, "SIGKILL", SIGKILL, 0);
  ask(result, "SIGKILL, 256 MiB resident,", SIGKILL, kModelBytes);
  result.notes.emplace_back(
      "SIGKILL cannot be caught by the child: the kernel tells of the death when the memory is gone, 0.1 s per GiB");
}

}  // namespace takt::bench
