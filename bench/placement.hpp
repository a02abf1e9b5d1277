#pragma once

#include <sched.h>

namespace takt::bench {

/// Where both sides of a comparison run: the same two CPUs and the same priority, so that it is not the scheduler's
/// choice that is compared. One CPU of those this process may use asks, another works; the same one if there is no
/// other.
[[nodiscard]] int asking_cpu();
[[nodiscard]] int working_cpu();

/// SCHED_FIFO of the threads whose lateness or round trip is measured; where it is not permitted, it is done without.
inline constexpr int kFifoPriority = 80;

/// Keeps the calling thread on one CPU while it lives; what it starts meanwhile inherits that and keeps it.
class PinnedTo {
 public:
  explicit PinnedTo(int cpu);
  ~PinnedTo();
  PinnedTo(const PinnedTo&) = delete;
  PinnedTo& operator=(const PinnedTo&) = delete;

 private:
  cpu_set_t before_{};
};

/// Keeps the calling thread SCHED_FIFO while it lives; what it starts meanwhile inherits that and keeps it.
class Fifo {
 public:
  Fifo();
  ~Fifo();
  Fifo(const Fifo&) = delete;
  Fifo& operator=(const Fifo&) = delete;

 private:
  int policy_before_;
  sched_param parameters_before_{};
};

/// Keeps the calling thread on one CPU, SCHED_FIFO, while it lives.
class FifoOn {
 public:
  explicit FifoOn(int cpu) : pinned_(cpu) {}

 private:
  PinnedTo pinned_;
  Fifo fifo_;
};

}  // namespace takt::bench
