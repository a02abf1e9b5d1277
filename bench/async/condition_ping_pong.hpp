#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "measure.hpp"

namespace takt::bench {

/// A SCHED_FIFO thread on the working CPU that answers through a mutex and a condition variable: what handing a call to
/// another thread and waiting for it costs at the least without spinning. A resource.
class ConditionPingPong {
 public:
  ConditionPingPong();
  ~ConditionPingPong();
  ConditionPingPong(const ConditionPingPong&) = delete;
  ConditionPingPong& operator=(const ConditionPingPong&) = delete;

  /// From the calling thread, which is SCHED_FIFO on the asking CPU meanwhile, to the worker and back.
  [[nodiscard]] Latency round_trips(int count);

 private:
  enum class Turn { kAsker, kWorker, kEnd };
  void work();
  void ask();

  std::mutex mutex_;
  std::condition_variable changed_;
  Turn turn_{Turn::kAsker};
  std::thread worker_;
};

}  // namespace takt::bench
