#pragma once

#include "result.hpp"

namespace takt::bench {

/// How much longer does a cycle of a 1 kHz control thread take when what it does is recorded?
void ask_stall(Result& result);

}  // namespace takt::bench
