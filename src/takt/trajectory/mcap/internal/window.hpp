#pragma once

#include <cstdint>

#include "takt/trajectory/mcap/internal/bytes.hpp"
#include "takt/trajectory/mcap/internal/compression.hpp"
#include "takt/trajectory/mcap/source.hpp"

namespace takt::trajectory::mcap::internal {

/// A file, read in great pieces. One thread at a time.
class Window {
 public:
  /// @param source outlives this.
  explicit Window(Source& source) noexcept : source_(&source) {}

  /// @pre within the file. Valid until the next call. @throws SystemError
  [[nodiscard]] ByteView view(std::uint64_t offset, std::uint64_t size);

 private:
  Source* source_;
  Buffer buffer_{};
  std::uint64_t offset_{0};
  std::uint64_t used_{0};
};

}  // namespace takt::trajectory::mcap::internal
