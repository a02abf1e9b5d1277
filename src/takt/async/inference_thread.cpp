#include "takt/async/inference_thread.hpp"

#include <fmt/core.h>

#include "takt/async/offload.hpp"

namespace takt::async {
namespace {

/// The first job of the thread: runs the initializer.
class Launch final : public Awaitable<Launch>, private internal::InferenceJob {
 public:
  explicit Launch(internal::InferenceQueue& queue) noexcept : queue_(queue) {}

  [[nodiscard]] static bool try_complete() noexcept { return false; }
  void arm() {
    depart("InferenceThread::start");
    try {
      queue_.launch(*this);
    } catch (...) {
      recall();
      throw;
    }
  }
  void result() { outcome_.take(); }
  [[nodiscard]] std::string describe() const override {
    return fmt::format("the initializer of InferenceThread '{}'", queue_.options().name);
  }

 private:
  bool withdraw() noexcept override { return false; }
  void work() noexcept override {
    outcome_.set_from([this] { queue_.initialize(); });
  }
  void arrived() noexcept override { complete(); }

  internal::InferenceQueue& queue_;
  internal::Outcome<void> outcome_;
};

Task<void> launch(std::shared_ptr<internal::InferenceQueue> queue) {
  co_await Launch(*queue);
}

// The end of a thread can only be waited for by blocking: so it is offloaded, and left there when the task is
// cancelled.
Task<void> stop_and_join(std::shared_ptr<internal::InferenceQueue> queue, StopMode mode) {
  queue->request_stop(mode);
  co_await offload({.on_cancel = OnCancel::kAbandon}, [queue] { queue->join(); });
}

}  // namespace

InferenceThread::InferenceThread(InferenceThreadOptions options)
    : queue_(std::make_shared<internal::InferenceQueue>(std::move(options))) {}

InferenceThread::~InferenceThread() {
  queue_->request_stop(queue_->options().on_stop);
  queue_->join();
}

Task<void> InferenceThread::start() {
  return launch(queue_);
}

Task<void> InferenceThread::stop(StopMode mode) {
  return stop_and_join(queue_, mode);
}

Task<void> InferenceThread::stop() {
  return stop(queue_->options().on_stop);
}

InferenceStatistics InferenceThread::statistics() const {
  return queue_->statistics();
}

namespace internal {

std::string describe_inference(const InferenceThreadOptions& options) {
  return fmt::format("a call of InferenceThread '{}'", options.name);
}

void throw_not_run(NotRun reason, const InferenceThreadOptions& options) {
  const std::string call = "a call of InferenceThread '" + options.name + "' was not run: ";
  switch (reason) {
    case NotRun::kQueueFull:
      throw QueueFull(call + fmt::format("{} are queued already", options.capacity));
    case NotRun::kSuperseded:
      throw Superseded(call + "a newer one took its place");
    case NotRun::kDeadlinePassed:
      throw DeadlinePassed(call + "its deadline passed while it was queued");
    case NotRun::kStopped:
      break;
  }
  throw Stopped(call + "the thread was stopped");
}

}  // namespace internal
}  // namespace takt::async
