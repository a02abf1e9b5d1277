#pragma once

#include <mutex>

namespace takt::zmq::internal {

/// A mutex that whoever has just left it does not get again while another waits: the receive thread, under a flood,
/// takes it batch after batch. For std::scoped_lock. Thread safe.
class TurnMutex {
 public:
  void lock() {
    const std::scoped_lock turn(turn_);  // who waits for mutex_ holds it: the next one waits for its turn
    mutex_.lock();
  }
  void unlock() { mutex_.unlock(); }

 private:
  std::mutex turn_;
  std::mutex mutex_;
};

}  // namespace takt::zmq::internal
