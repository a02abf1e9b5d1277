#pragma once

#include <memory>
#include <string>
#include <vector>

#include "takt/async/tasks/task.hpp"
#include "takt/control/arm.hpp"

namespace takt::registry {

/// What may be said of an arm beside its URI.
struct ArmOptions {
  std::string label{};              ///< name of the arm, in threads and messages; empty: the model's
  std::vector<double> start_rad{};  ///< of a simulated arm; empty: the model's home

  /// A simulated arm stops, as the real one does, after 20 periods in a row without a command
  /// (communication_constraints_violation). True: after 200, for hosts that take the processor away for so long that no
  /// program could help it, such as virtual machines. Its cycle needs the same: CycleOptions::max_timeouts.
  bool tolerate_host_stalls{false};
};

/// The 1 kHz arm with this URI, not started:
///
///   sim:fr3   Franka Research 3 in MuJoCo, with the robot's side of the contract
///
/// Loads what it needs on another thread; the loop goes on meanwhile. Cancellation: waits for that.
/// @throws ConfigError for another URI, or an arm that is led by positions and has no 1 kHz interface.
[[nodiscard]] async::Task<std::unique_ptr<control::Arm>> connect(std::string uri, ArmOptions options = {});

/// The same at once, on the calling thread, outside of a loop too.
[[nodiscard]] std::unique_ptr<control::Arm> open_arm(const std::string& uri, const ArmOptions& options = {});

}  // namespace takt::registry

namespace takt {

using registry::ArmOptions;
using registry::connect;

}  // namespace takt
