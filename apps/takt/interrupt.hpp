#pragma once

namespace takt::app {

/// From now on SIGINT and SIGTERM are only remembered; a second one ends the process at once.
void catch_interrupts();

/// True when one came.
[[nodiscard]] bool interrupted() noexcept;

}  // namespace takt::app
