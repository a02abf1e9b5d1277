#pragma once

#include <cstdint>

namespace takt::bench {

/// Domains of DDS that hardly anybody else is in: one for takt, another for the programs by hand, since Cyclone DDS has
/// one of a number in a process.
struct Domains {
  std::uint32_t takt{0};
  std::uint32_t bare{0};
};

/// From this process's number; to be asked before it forks.
[[nodiscard]] Domains own_domains();

}  // namespace takt::bench
