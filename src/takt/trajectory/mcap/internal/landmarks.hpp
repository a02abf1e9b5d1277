#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "takt/trajectory/mcap/internal/contents.hpp"
#include "takt/trajectory/mcap/internal/records.hpp"
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
  [[nodiscard]] std::uint64_t next(std::uint64_t offset) { return next_before(offset, end_); }

  /// Without a summary: whether the record from `offset` to `end`, which fits, does not end there by what stands behind
  /// it, and what looks like a chunk begins within. @throws SystemError
  [[nodiscard]] bool hides_chunk(Opcode opcode, std::uint64_t offset, std::uint64_t end);

 private:
  [[nodiscard]] std::uint64_t next_before(std::uint64_t offset, std::uint64_t end);
  [[nodiscard]] bool is_chunk(std::uint64_t offset);
  [[nodiscard]] std::optional<std::uint64_t> chunk_length(std::uint64_t offset);
  [[nodiscard]] bool begins_record(std::uint64_t offset);

  Window* window_;
  std::uint64_t end_;
  bool known_;
  std::vector<std::uint64_t> places_;  // if known; rising
};

}  // namespace takt::trajectory::mcap::internal
