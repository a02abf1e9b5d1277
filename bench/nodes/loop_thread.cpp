#include "loop_thread.hpp"

#include <utility>

#include "takt/async/tasks/cancel_scope.hpp"

namespace takt::bench {

LoopThread::LoopThread(std::function<async::Task<void>()> root)
    : root_(std::move(root)), thread_([this] {
        try {
          loop_.run(root_());
        } catch (const async::Cancelled&) {  // NOLINT(bugprone-empty-catch): its end
        }
      }) {}

LoopThread::~LoopThread() {
  loop_.cancel("the slice is over");
  thread_.join();
}

}  // namespace takt::bench
