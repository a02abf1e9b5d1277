#include "takt/core/thread_names.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <pthread.h>

namespace takt::core {
namespace {

constexpr std::size_t kMaxNameBytes = 15;  // the kernel's TASK_COMM_LEN less its zero

std::string read_name(const std::filesystem::path& task) {
  std::ifstream file(task / "comm");
  std::string name;
  return std::getline(file, name) ? name : "?";
}

}  // namespace

void set_current_thread_name(std::string_view name) noexcept {
  std::array<char, kMaxNameBytes + 1> text{};
  name.copy(text.data(), kMaxNameBytes);
  pthread_setname_np(pthread_self(), text.data());
}

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

}  // namespace takt::core
