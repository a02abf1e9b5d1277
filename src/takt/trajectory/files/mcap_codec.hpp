#pragma once

#include <filesystem>
#include <string>

#include "takt/trajectory/library.hpp"
#include "takt/trajectory/trajectory.hpp"

namespace takt::trajectory::files {

/// Entries of a library as MCAP files (docs/formats/recording.md), which any reader of MCAP opens. Any thread.
class McapCodec final : public TrajectoryCodec {
 public:
  [[nodiscard]] std::string extension() const override { return ".mcap"; }
  void write(const Trajectory& trajectory, const std::filesystem::path& file) const override;
  [[nodiscard]] Trajectory read(const std::filesystem::path& file) const override;
};

/// A library whose entries are MCAP files. @throws SystemError when the folder cannot be made.
[[nodiscard]] Library open_library(const std::filesystem::path& folder);

}  // namespace takt::trajectory::files
