#pragma once

#include <optional>
#include <string>

#include <termios.h>

namespace takt::app {

/// The keys of the terminal that standard input is, as they are pressed: no echo, no Enter; Ctrl-C is a signal as ever.
/// There are none where standard input is no terminal, or somebody else's just now (a program in the background would
/// be stopped by reading it, and its robots with it). The terminal is as it was at the end; a program that is killed
/// leaves it without echo (`stty sane`). One at a time.
class TerminalKeys {
 public:
  TerminalKeys();
  ~TerminalKeys();
  TerminalKeys(const TerminalKeys&) = delete;
  TerminalKeys& operator=(const TerminalKeys&) = delete;

  [[nodiscard]] bool available() const noexcept { return before_.has_value(); }

  /// What was pressed since the last call; never waits.
  [[nodiscard]] std::string pressed();

 private:
  std::optional<termios> before_;
};

}  // namespace takt::app
