#pragma once

#include <cstdint>
#include <functional>

#include "takt/control/cycle_ports.hpp"
#include "takt/control/target.hpp"
#include "takt/core/shared_memory.hpp"

#include "child.hpp"
#include "measure.hpp"

namespace takt::bench {

using SetCommand = std::function<void(const control::Command& command)>;

/// Calls `set` `count` times, each 1.2 … 3.2 ms after the one before, at random, with the command stamped just then.
void set_at_random_phases(control::Command command, int count, const SetCommand& set);

/// What a call of `work` costs, in batches of 50 [µs].
[[nodiscard]] Latency cost_of(int batches, const std::function<void()>& work);

/// A commander in a process of its own, on the working CPU, and the memory through which it sees a cycle of this
/// process: the cycle's ports. A resource.
class RemoteCommander {
 public:
  /// Forks: to be made before the process has a second thread. @throws SystemError when the system refuses.
  RemoteCommander();

  [[nodiscard]] control::CyclePorts ports() noexcept;

  /// set_at_random_phases over there.
  void set_at_random(const control::Command& command, int count);

  /// What a store of the command, or a load of the state, costs over there [µs].
  [[nodiscard]] Latency set_cost(const control::Command& command, int batches);
  [[nodiscard]] Latency state_cost(int batches);

  /// A load a few milliseconds after the one before, when the cycle has stored anew; the clock's share included [µs].
  [[nodiscard]] Latency cold_state_cost(int count);

 private:
  struct Segment;
  [[nodiscard]] Segment& segment() noexcept;
  [[nodiscard]] Latency measured(std::uint32_t question, int count);

  core::SharedMemory memory_;
  Child child_;
};

}  // namespace takt::bench
