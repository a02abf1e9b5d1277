#include "takt/trajectory/files/mcap_codec.hpp"

#include "takt/trajectory/recorder/trajectory_file.hpp"

namespace takt::trajectory::files {

void McapCodec::write(const Trajectory& trajectory, const std::filesystem::path& file) const {
  recorder::write_trajectory(file, trajectory);
}

Trajectory McapCodec::read(const std::filesystem::path& file) const {
  return recorder::read_trajectory(file);
}

Library open_library(const std::filesystem::path& folder) {
  static const McapCodec codec;
  return {folder, codec};
}

}  // namespace takt::trajectory::files
