#include "takt/async/loop_watch.hpp"

#include <utility>

#include "takt/async/internal/loop_watcher.hpp"
#include "takt/async/tasks/internal/loop_state.hpp"

namespace takt::async {

LoopWatch::LoopWatch(LoopWatchOptions options)
    : watcher_(std::make_unique<internal::LoopWatcher>(internal::this_loop_state("a LoopWatch"), std::move(options))) {}

LoopWatch::~LoopWatch() = default;

LoopWatchStatistics LoopWatch::statistics() const {
  return watcher_->statistics();
}

}  // namespace takt::async
