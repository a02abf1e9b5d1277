#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "takt/trajectory/mcap/internal/bytes.hpp"
#include "takt/trajectory/mcap/internal/chunk_builder.hpp"
#include "takt/trajectory/mcap/values.hpp"

namespace takt::trajectory::mcap::internal {

/// Collects what the summary says, while the file is written: some hundred bytes per chunk.
class SummaryBuilder {
 public:
  /// A record that was written at `offset`, `length` long.
  void add_chunk(const ChunkBuilder::Finished& chunk, std::uint64_t offset);
  void add_attachment(const Attachment& attachment, std::uint64_t offset, std::uint64_t length);
  void add_metadata(std::string_view name, std::uint64_t offset, std::uint64_t length);

  /// All that follows the data: DataEnd, the summary, Footer, magic. @param offset where in the file that begins.
  [[nodiscard]] Bytes finish(std::uint64_t offset, const std::vector<Schema>& schemas,
                             const std::vector<Channel>& channels, const Statistics& statistics) const;

 private:
  Bytes chunks_;
  Bytes attachments_;
  Bytes metadata_;
};

}  // namespace takt::trajectory::mcap::internal
