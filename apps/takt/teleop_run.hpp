#pragma once

#include <functional>
#include <memory>
#include <string>

#include "takt/bus/bus.hpp"
#include "takt/teleop/config.hpp"
#include "takt/teleop/session.hpp"

namespace takt::app {

/// What the robots are shown on; nothing without a bus. Before anything moves. @throws ConfigError
[[nodiscard]] std::shared_ptr<bus::Bus> open_network(const teleop::TeleopConfig& config);

/// One line that tells how it goes: on a terminal it lives, twice in about half a second; else it is a line per second.
class LiveLine {
 public:
  /// To be asked at each poll: now is the time for one.
  [[nodiscard]] bool due() noexcept;
  /// Shows it.
  static void show(const std::string& text);
  /// Before something else is printed: a terminal's line ends.
  static void leave();

 private:
  int polls_{0};
};

/// "  12.0 s  engaged     100.0 commands/s      1200 commands       0 guards hit"
[[nodiscard]] std::string progress_text(const teleop::SessionProgress& progress);

/// What a command does at each poll, ten times a second; false ends the run.
using OnPoll = std::function<bool(const teleop::SessionProgress&)>;

/// On an event loop, until the session has ended, somebody interrupts it, or `on_poll` has enough.
/// @param quiet  says nothing of the bus. @return what async::run gives
[[nodiscard]] int follow_to_the_end(teleop::Session& session, bool quiet, std::shared_ptr<bus::Bus> network,
                                    OnPoll on_poll);

/// After Session::rest(): writes the report where one is wanted, shows it unless quiet, says what went wrong, and ends
/// the session. @return the program's exit code: `code`, or 1 where something did
[[nodiscard]] int finish_session(teleop::Session& session, const teleop::TeleopConfig& config, int code);

}  // namespace takt::app
