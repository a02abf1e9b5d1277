#include "trajectory_shelf.hpp"

#include <memory>
#include <string>
#include <vector>

#include "takt/trajectory/files/csv_file.hpp"
#include "takt/trajectory/files/mcap_codec.hpp"
#include "takt/trajectory/library.hpp"
#include "takt/trajectory/recorder/recording.hpp"

namespace takt::app {

using teleop::replay::TrajectoryItem;

teleop::replay::TrajectoryShelf open_shelf(const std::filesystem::path& folder) {
  const auto library = std::make_shared<const trajectory::Library>(trajectory::files::open_library(folder));
  const auto list = [library] {
    std::vector<TrajectoryItem> items;
    for (const trajectory::LibraryEntry& entry : library->list()) {
      items.push_back({.name = entry.name,
                       .robot = entry.robot,
                       .task = entry.task,
                       .frames = entry.frames,
                       .duration_s = entry.duration_s});
    }
    return items;
  };
  return {.load = [library](const std::string& name) { return library->load(name); }, .list = list};
}

trajectory::Trajectory read_trajectory_file(const std::filesystem::path& file) {
  if (file.extension() == ".csv") {
    return trajectory::files::read_csv(file);
  }
  trajectory::Trajectory read = trajectory::recorder::read_states(file);
  if (read.info().name.empty()) {
    trajectory::TrajectoryInfo info = read.info();
    info.name = file.stem().string();
    read.set_info(std::move(info));
  }
  return read;
}

}  // namespace takt::app
