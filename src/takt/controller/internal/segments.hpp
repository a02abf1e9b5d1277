#pragma once

#include <atomic>
#include <cstdint>

#include "takt/control/cycle_ports.hpp"
#include "takt/control/cycle_state.hpp"
#include "takt/control/lease.hpp"
#include "takt/controller/internal/wire.hpp"
#include "takt/core/fixed_string.hpp"
#include "takt/realtime/latest.hpp"

/// What lies in the memory that a server and its clients share; docs/formats/controller-protocol.md. Lock-free and
/// address-free.
namespace takt::controller::internal {

/// Who commands; epoch 0: nobody.
struct CommanderNow {
  control::LeaseEpoch epoch{0};
  core::FixedString<32> name;
};

/// Written by the server alone.
struct StateSegment {
  control::StatePort port;                      ///< by the cycle's thread
  realtime::Latest<control::CycleStats> stats;  ///< by the event loop, as the rest
  realtime::Latest<CommanderNow> commander;
  std::atomic<control::LeaseEpoch> epoch{0};  ///< the commander's, for a look at the price of one load
};

/// Written by commanders, taken by the cycle.
struct CommandSegment {
  control::CommandPort port;
};

[[nodiscard]] constexpr WireLayout layout_of_this_build() noexcept {
  return {.state_segment = sizeof(StateSegment),
          .command_segment = sizeof(CommandSegment),
          .cycle_state = sizeof(control::CycleState),
          .cycle_stats = sizeof(control::CycleStats),
          .fault_report = sizeof(control::FaultReport),
          .command = sizeof(control::Command)};
}

}  // namespace takt::controller::internal
