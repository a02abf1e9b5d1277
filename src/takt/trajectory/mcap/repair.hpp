#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/mcap/sink.hpp"
#include "takt/trajectory/mcap/source.hpp"
#include "takt/trajectory/mcap/values.hpp"

namespace takt::trajectory::mcap {

/// Metadata that a repair adds to its file when it left something out: `lost` (the first of it, as Recovery has it),
/// `bytes`, `chunks` and `records`.
inline constexpr std::string_view kRepairedMetadata = "takt.repaired";

/// What a repair found and kept.
struct RepairReport {
  Statistics kept{};        ///< of the file that was written
  bool had_summary{false};  ///< and a sound one: nothing was to be repaired but, perhaps, damaged chunks
  Recovery recovery{};

  [[nodiscard]] bool lossless() const noexcept { return recovery.lossless(); }
};

/// Writes a whole file of what is whole in `in`: every chunk, and the records outside chunks, but those between a
/// record that is cut off and the next chunk (with a sound summary: the next record that it names); chunks and records
/// that say something else than their CRC are left out. Numbers of schemas and channels may become others; private
/// records are left out; that something was is told by kRepairedMetadata; messages are by rising log time. `out`
/// appears when it is complete and on the disk.
/// @throws ConfigError when `in` is no MCAP file, or has far more chunks that overlap in time than a reader holds
/// (nothing is written then), or `out` is there already, `in` itself or not; SystemError.
RepairReport repair(const std::filesystem::path& in, const std::filesystem::path& out);

/// The same from any source to any sink. @throws ConfigError when it is no MCAP file; SystemError
/// @param limits of the reader. What is greater than max_chunk_bytes is left out, and told.
RepairReport repair(std::unique_ptr<Source> in, std::unique_ptr<Sink> out, ReaderOptions limits = {});

}  // namespace takt::trajectory::mcap
