#pragma once

#include "takt/core/fixed_string.hpp"

namespace takt::async {

/// What a task or a primitive is called in errors, reports and LoopWatch: up to 31 bytes, kept in place.
using TaskName = core::FixedString<32>;

}  // namespace takt::async
