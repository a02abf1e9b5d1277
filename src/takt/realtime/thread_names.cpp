#include "takt/realtime/thread_names.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace takt::realtime {
namespace {

std::string read_name(const std::filesystem::path& task) {
  std::ifstream file(task / "comm");
  std::string name;
  return std::getline(file, name) ? name : "?";
}

}  // namespace

std::string thread_name(std::uint32_t thread_id) {
  return read_name("/proc/self/task/" + std::to_string(thread_id));
}

std::vector<std::string> thread_names() {
  std::vector<std::string> names;
  std::error_code no_proc;  // a jail without /proc shows no threads
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", no_proc)) {
    names.push_back(read_name(task.path()));
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace takt::realtime
