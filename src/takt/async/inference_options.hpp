#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "takt/async/tasks/clock.hpp"
#include "takt/core/error.hpp"

namespace takt::async {

/// What a call to an InferenceThread meets when as many calls are queued as there is room for.
enum class OnFull : std::uint8_t {
  kReject,      ///< it is not run: QueueFull
  kLatestWins,  ///< it takes the place of the call that is queued longest, which ends with Superseded: for setpoints
  kWait,        ///< it waits its turn: as many wait as there are callers, which is all that bounds them
};

/// How an InferenceThread stops; the call that runs is waited for in either case.
enum class StopMode : std::uint8_t {
  kDiscard,  ///< queued calls are not run: they end with Stopped
  kDrain,    ///< queued calls are run first
};

struct InferenceThreadOptions {
  // behaviour
  std::string name{"inference"};                 ///< of the thread (15 bytes are shown) and in messages
  std::move_only_function<void()> initialize{};  ///< runs on the thread before anything else: a context, a model
  std::size_t capacity{1};                       ///< calls that may be queued, the running one apart
  OnFull on_full{OnFull::kWait};
  StopMode on_stop{StopMode::kDiscard};  ///< of the destructor, and of stop() without an argument

  // performance: what the system refuses is warned of, and done without
  int fifo_priority{0};  ///< SCHED_FIFO 1 … 99: keep it below the control cycle's. 0: SCHED_OTHER
  int nice{0};           ///< −20 … 19
  int cpu{-1};           ///< the CPU it is pinned to; −1: any of the process's
};

struct InferenceCallOptions {
  /// On the loop's clock, from the await on. A call still queued then is not run (DeadlinePassed); one that ends later
  /// gives its result, and is counted.
  std::optional<Duration> deadline_after{};
};

/// What an InferenceThread has done. A value.
struct InferenceStatistics {
  std::size_t queued{0};              ///< now
  bool running{false};                ///< a call runs now (or the initializer)
  std::uint64_t completed{0};         ///< calls that ran, also those that threw
  std::uint64_t missed_deadlines{0};  ///< of these, those that ended after their deadline
  std::uint64_t expired{0};           ///< not run: their deadline passed in the queue
  std::uint64_t rejected{0};          ///< not run: the queue was full (kReject)
  std::uint64_t superseded{0};        ///< not run: a newer call took their place (kLatestWins)
  std::uint64_t discarded{0};         ///< not run: the thread was stopped
  std::uint64_t cancelled{0};         ///< not run: their scope was cancelled
};

/// Why a call was not run.
enum class NotRun : std::uint8_t {
  kQueueFull,
  kSuperseded,
  kDeadlinePassed,
  kStopped,
};

/// A call that an InferenceThread did not run; the message names the thread. From run(); try_run() gives the reason.
class CallNotRun : public Error {
 public:
  using Error::Error;
};
class QueueFull : public CallNotRun {
 public:
  using CallNotRun::CallNotRun;
};
class Superseded : public CallNotRun {
 public:
  using CallNotRun::CallNotRun;
};
class DeadlinePassed : public CallNotRun {
 public:
  using CallNotRun::CallNotRun;
};
class Stopped : public CallNotRun {
 public:
  using CallNotRun::CallNotRun;
};

}  // namespace takt::async
