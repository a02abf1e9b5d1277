// Any bytes are either a sound info.json, which is written and read again as itself, or refused by a ConfigError of one
// line.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "takt/core/error.hpp"
#include "takt/trajectory/files/lerobot_info.hpp"

namespace {

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using takt::trajectory::files::LerobotInfo;
  LerobotInfo info;
  try {
    info = takt::trajectory::files::parse_lerobot_info({reinterpret_cast<const char*>(data), size}, "fuzz");
  } catch (const takt::ConfigError& error) {
    require(std::string_view(error.what()).find_first_of("\r\n") == std::string_view::npos);
    return 0;
  }
  const auto path = takt::trajectory::files::data_file(info, 1, 2);
  for (const auto& part : path) {
    require(part != "..");
  }
  require(!path.is_absolute());
  info.fps = std::max(std::round(info.fps), 1.0);  // written as a whole number
  require(takt::trajectory::files::parse_lerobot_info(takt::trajectory::files::to_text(info), "again") == info);
  return 0;
}
