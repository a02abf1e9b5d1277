#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <unistd.h>

/// What the peer programs share: "PROGRAM DOMAIN echo IN OUT", "… serve SERVICE", "… call SERVICE". They say "ready",
/// and work until their standard input ends.
namespace peer {

struct Task {
  std::uint32_t domain{0};
  std::string what;
  std::string first;
  std::string second;
};

inline Task task_of(int count, char** arguments) {
  if (count < 4) {
    (void)std::fprintf(stderr, "usage: %s DOMAIN echo IN OUT | serve SERVICE | call SERVICE\n", arguments[0]);
    std::exit(2);
  }
  return {.domain = static_cast<std::uint32_t>(std::stoul(arguments[1])),
          .what = arguments[2],
          .first = arguments[3],
          .second = count > 4 ? arguments[4] : ""};
}

inline void say(const std::string& line) {
  (void)std::puts(line.c_str());
  (void)std::fflush(stdout);
}

inline void wait_for_end_of_input() {
  char ignored = 0;
  while (::read(STDIN_FILENO, &ignored, 1) > 0) {
  }
}

}  // namespace peer
