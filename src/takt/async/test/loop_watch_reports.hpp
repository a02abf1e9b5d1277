#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <mutex>
#include <source_location>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "takt/async/loop_watch.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/sleep.hpp"

/// Blocking on purpose, and what a LoopWatch says to it.
namespace takt::async {

/// How long a turn that blocks lasts.
inline constexpr Duration kBlock = std::chrono::milliseconds(10);

/// What a watch has reported; filled on its thread.
class Reports {
 public:
  [[nodiscard]] LoopWatchOptions options() {
    return {.on_report = [this](const BlockReport& report) { add(report); }};
  }
  void add(const BlockReport& report) {
    const std::scoped_lock lock(mutex_);
    reports_.push_back(report);
  }
  [[nodiscard]] std::vector<BlockReport> all() const {
    const std::scoped_lock lock(mutex_);
    return reports_;
  }
  using Wanted = std::function<bool(const BlockReport&)>;
  [[nodiscard]] bool have(const Wanted& wanted) const { return std::ranges::any_of(all(), wanted); }
  [[nodiscard]] BlockReport first(const Wanted& wanted) const {
    const auto reports = all();
    const auto found = std::ranges::find_if(reports, wanted);
    return found == reports.end() ? BlockReport() : *found;
  }
  [[nodiscard]] BlockReport last(const Wanted& wanted) const {
    auto reports = all();
    std::ranges::reverse(reports);
    const auto found = std::ranges::find_if(reports, wanted);
    return found == reports.end() ? BlockReport() : *found;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<BlockReport> reports_;
};

inline Reports::Wanted from(std::string task) {
  return [task = std::move(task)](const BlockReport& report) { return report.task == task; };
}

[[gnu::noinline]] inline void sleep_in_the_system() {
  std::this_thread::sleep_for(kBlock);
}

/// Blocks, a turn each time, until that is reported: by the last report, since the host may hold up the turns before.
inline Task<void> block_until(Reports& reports, std::string name, void (*block)()) {
  co_await sleep_for(std::chrono::milliseconds(2));  // what began the watch is a turn of its own
  const auto before = std::ranges::count_if(reports.all(), from(name));
  while (std::ranges::count_if(reports.all(), from(name)) == before) {
    block();
    co_await sleep_for(std::chrono::milliseconds(2));
  }
}

template <class App>
void run_on_loop(App app, std::source_location where = std::source_location::current()) {
  EventLoop().run(app(), "main", where);
}

}  // namespace takt::async
