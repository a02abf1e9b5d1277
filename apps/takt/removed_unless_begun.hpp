#pragma once

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

namespace takt::app {

/// A run that never began leaves no file, so that the next attempt finds its name free. Made once the file is its own;
/// outlives who writes it.
class RemovedUnlessBegun {
 public:
  explicit RemovedUnlessBegun(std::string path) : path_(std::move(path)) {}
  ~RemovedUnlessBegun() {
    if (!begun) {
      std::error_code ignored;
      std::filesystem::remove(path_, ignored);
    }
  }
  RemovedUnlessBegun(const RemovedUnlessBegun&) = delete;
  RemovedUnlessBegun& operator=(const RemovedUnlessBegun&) = delete;

  bool begun{false};

 private:
  std::string path_;
};

}  // namespace takt::app
