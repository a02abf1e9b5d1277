#include "condition_ping_pong.hpp"

#include <vector>

#include "takt/core/time.hpp"

#include "placement.hpp"

namespace takt::bench {

ConditionPingPong::ConditionPingPong() : worker_([this] { work(); }) {}

ConditionPingPong::~ConditionPingPong() {
  {
    const std::lock_guard lock(mutex_);
    turn_ = Turn::kEnd;
  }
  changed_.notify_one();
  worker_.join();
}

void ConditionPingPong::work() {
  const FifoOn placed(working_cpu());
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return turn_ != Turn::kAsker; });
      if (turn_ == Turn::kEnd) {
        return;
      }
      turn_ = Turn::kAsker;
    }
    changed_.notify_one();
  }
}

void ConditionPingPong::ask() {
  {
    const std::lock_guard lock(mutex_);
    turn_ = Turn::kWorker;
  }
  changed_.notify_one();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return turn_ == Turn::kAsker; });
}

Latency ConditionPingPong::round_trips(int count) {
  const FifoOn placed(asking_cpu());
  std::vector<double> round_trips_us;
  round_trips_us.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    round_trips_us.push_back(batch_ns(1, [this] { ask(); }) * 1e-3);
  }
  return latency_of(round_trips_us);
}

}  // namespace takt::bench
