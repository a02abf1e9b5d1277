#pragma once

#include <array>
#include <functional>
#include <string>

#include "takt/controller/arm_controller.hpp"
#include "takt/core/shared_memory.hpp"
#include "takt/core/time.hpp"

#include "child.hpp"
#include "measure.hpp"

namespace takt::bench {

/// What a commander does, in this process or another.
struct Commanding {
  int sets{0};     ///< at random phases of the cycle, each stamped just before
  int batches{0};  ///< of 50 calls, for the cost of each kind of call
};

/// What the calls cost [µs].
struct CallCosts {
  Latency set{};
  Latency state{};
  Latency cold_state{};  ///< once in some milliseconds, when the cycle has stored anew; the clock's share included
};

/// Commands an arm that has been started, for a while: holds up the event loop, and pins the thread to the working CPU.
[[nodiscard]] CallCosts command(controller::ArmController& controller, const Commanding& commanding);

/// A process of its own that commands arms which this process serves. A resource.
class RemoteCommander {
 public:
  /// Forks: to be made before the process has a second thread. @throws SystemError when the system refuses.
  RemoteCommander();

  /// A name for the server that this process runs.
  [[nodiscard]] static std::string server_name();

  /// There: connects to it, starts the arm, commands. Blocks. @throws SystemError with what went wrong there.
  [[nodiscard]] CallCosts command(const Commanding& commanding);

 private:
  struct Segment;
  [[nodiscard]] Segment& segment() noexcept;

  core::SharedMemory memory_;
  Child child_;
};

}  // namespace takt::bench
