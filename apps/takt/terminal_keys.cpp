#include "terminal_keys.hpp"

#include <array>

#include <poll.h>
#include <unistd.h>

namespace takt::app {
namespace {

bool is_ours() {
  return isatty(STDIN_FILENO) != 0 && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

}  // namespace

TerminalKeys::TerminalKeys() {
  termios now{};
  if (!is_ours() || tcgetattr(STDIN_FILENO, &now) != 0) {
    return;
  }
  before_ = now;
  now.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  if (tcsetattr(STDIN_FILENO, TCSANOW, &now) != 0) {
    before_.reset();
  }
}

TerminalKeys::~TerminalKeys() {
  if (before_ && is_ours()) {
    tcsetattr(STDIN_FILENO, TCSANOW, &*before_);
  }
}

std::string TerminalKeys::pressed() {
  std::string keys;
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  while (before_ && is_ours() && poll(&input, 1, 0) > 0 && (input.revents & POLLIN) != 0) {
    std::array<char, 64> typed{};
    const ssize_t count = read(STDIN_FILENO, typed.data(), typed.size());
    if (count <= 0) {
      break;
    }
    keys.append(typed.data(), static_cast<std::size_t>(count));
  }
  return keys;
}

}  // namespace takt::app
