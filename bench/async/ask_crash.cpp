// How soon does a task know that the isolated object it waits for has crashed?

#include <csignal>
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

constexpr int kCrashes = 50;
constexpr std::chrono::milliseconds kLife{2};

class Victim {
 public:
  void wait() {  // NOLINT(readability-convert-member-functions-to-static): an isolated object's member is called
    while (true) {
      pause();
    }
  }
};

Victim make_victim() {
  return {};
}

async::Task<void> kill_later(pid_t process, int signal, core::Nanoseconds* killed_ns) {
  co_await async::sleep_for(kLife);
  *killed_ns = core::monotonic_now_ns();
  kill(process, signal);
}

/// From the signal until the task that waits for a call has the error.
async::Task<double> notice_us(int signal) {
  auto victim = co_await async::isolate(make_victim);
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

void ask(Result& result, const std::string& name, int signal) {
  std::vector<double> sample_us;
  {
    const FifoOn placed(asking_cpu());  // the children are not
    for (int i = 0; i < kCrashes; ++i) {
      sample_us.push_back(async::EventLoop().run(notice_us(signal)));
    }
  }
  const std::string what = fmt::format("{} of an isolated object until the caller has the error", name);
  result.figures.push_back({.name = what + ", p50", .value = quantile(sample_us, 0.5), .unit = "µs"});
  result.figures.push_back({.name = fmt::format("{}, longest of {}", what, kCrashes),
                            .value = quantile(sample_us, 1.0),
                            .unit = "µs",
                            .goal = "<= 10 000"});
}

}  // namespace

void ask_crash(Result& result) {
  ask(result, "SIGSEGV", SIGSEGV);
  ask(result, "SIGKILL", SIGKILL);
}

}  // namespace takt::bench
