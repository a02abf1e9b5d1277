#include "trajectory_shelf.hpp"

#include <memory>
#include <string>
#include <vector>

#include "takt/trajectory/files/mcap_codec.hpp"
#include "takt/trajectory/library.hpp"

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

}  // namespace takt::app
