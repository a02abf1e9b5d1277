#pragma once

#include <cstddef>
#include <vector>

namespace takt::bench {

/// Positions as 12-bit encoders of moving joints give them, as doubles: what compression finds in recordings of arms.
[[nodiscard]] std::vector<std::byte> encoder_readings(std::size_t bytes);

}  // namespace takt::bench
