#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace takt::trajectory::files {

/// A column of a LeRobot dataset, as its meta/info.json declares it.
struct LerobotFeature {
  std::string dtype;                ///< "float32", "int64", "video" …
  std::vector<std::int64_t> shape;  ///< {6}: six numbers per frame; {1}: one
  std::vector<std::string> names;   ///< of the numbers; empty: none given, or not as a list

  friend bool operator==(const LerobotFeature&, const LerobotFeature&) = default;
};

/// meta/info.json of a LeRobot dataset of version 3.0, what of it is used here.
struct LerobotInfo {
  std::string robot_type;  ///< empty: not said
  double fps{30.0};        ///< of the synthetic timestamps
  std::int64_t episodes{0};
  std::int64_t frames{0};
  std::int64_t tasks{0};
  std::string data_path{"data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"};
  std::map<std::string, LerobotFeature> features;

  friend bool operator==(const LerobotInfo&, const LerobotInfo&) = default;
};

/// @param name  stands for the file in messages.
/// @throws ConfigError in one line: no JSON, another version than v3.0 (naming it), a member missing or of another
/// kind, a data path that leads out of the dataset's folder.
[[nodiscard]] LerobotInfo parse_lerobot_info(std::string_view text, const std::string& name);

/// The JSON text, with the members that LeRobot asks for.
[[nodiscard]] std::string to_text(const LerobotInfo& info);

/// `data_path` with the numbers put in, relative to the dataset's folder. @pre both ≥ 0.
[[nodiscard]] std::filesystem::path data_file(const LerobotInfo& info, std::int64_t chunk, std::int64_t file);

}  // namespace takt::trajectory::files
