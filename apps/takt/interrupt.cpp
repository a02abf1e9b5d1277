#include "interrupt.hpp"

#include <csignal>

namespace takt::app {
namespace {

volatile std::sig_atomic_t came = 0;

}  // namespace

void catch_interrupts() {
  struct sigaction action{};
  action.sa_handler = [](int) { came = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // the next one has its default effect
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGHUP, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away ends the printing, not the arm's way to rest
}

bool interrupted() noexcept {
  return came != 0;
}

}  // namespace takt::app
