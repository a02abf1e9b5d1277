#include "takt/trajectory/mcap/values.hpp"

namespace takt::trajectory::mcap {

const char* to_text(Compression compression) noexcept {
  switch (compression) {
    case Compression::kLz4:
      return "lz4";
    case Compression::kZstd:
      return "zstd";
    case Compression::kNone:
      break;
  }
  return "";
}

}  // namespace takt::trajectory::mcap
