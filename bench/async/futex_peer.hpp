#pragma once

#include <cstddef>

#include <sys/types.h>

#include "measure.hpp"

namespace takt::bench {

/// A child process, SCHED_FIFO on the working CPU, that answers through a shared segment and a futex: what a call into
/// another process costs at the least without spinning. The sender copies a payload into the segment and the receiver
/// copies it out of there, both ways. A resource.
class FutexPeer {
 public:
  static constexpr std::size_t kLargestPayload = 65'536;

  /// Forks: to be made before the process has a second thread. @throws SystemError when the system refuses.
  FutexPeer();
  ~FutexPeer();
  FutexPeer(const FutexPeer&) = delete;
  FutexPeer& operator=(const FutexPeer&) = delete;

  /// From the calling thread, which is SCHED_FIFO on the asking CPU meanwhile, to the child and back.
  /// @pre payloads of at most kLargestPayload bytes (throws LogicError).
  [[nodiscard]] Latency round_trips(int count, std::size_t request_bytes, std::size_t reply_bytes);

 private:
  struct Segment;
  void ask(std::size_t request_bytes, std::size_t reply_bytes);

  Segment* segment_;
  pid_t child_{-1};
};

}  // namespace takt::bench
