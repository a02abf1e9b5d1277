#pragma once

namespace takt::app {

/// From now on SIGINT, SIGTERM and SIGHUP are only remembered; a second one ends the process at once. SIGPIPE is
/// ignored.
void catch_interrupts();

/// True when one came.
[[nodiscard]] bool interrupted() noexcept;

}  // namespace takt::app
