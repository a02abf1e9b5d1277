#pragma once

#include <cstdint>
#include <vector>

#include "takt/trajectory/mcap/internal/contents.hpp"
#include "takt/trajectory/mcap/internal/window.hpp"

namespace takt::trajectory::mcap::internal {

/// Where records begin, whatever is before them: as a summary says; without one, where something looks like a chunk.
/// One thread at a time.
class Landmarks {
 public:
  /// @param window outlives this. @param end of the file's data. @param summary null: there is none to be trusted.
  Landmarks(Window& window, std::uint64_t end, const Contents* summary);

  /// The end of a record at `offset` is here or before.
  [[nodiscard]] std::uint64_t bound(std::uint64_t offset) const noexcept;

  /// The first at `offset` or behind it; the end of the data: none. @throws SystemError
  [[nodiscard]] std::uint64_t next(std::uint64_t offset);

 private:
  [[nodiscard]] bool is_chunk(std::uint64_t offset);

  Window* window_;
  std::uint64_t end_;
  bool known_;
  std::vector<std::uint64_t> places_;  // if known; rising
};

}  // namespace takt::trajectory::mcap::internal
