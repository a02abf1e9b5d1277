#pragma once

#include <filesystem>

namespace takt::testing {

/// An empty folder of a test's own, among the temporary ones; gone with this, and all that is in it.
class OwnFolder {
 public:
  /// @throws std::filesystem::filesystem_error
  OwnFolder();
  ~OwnFolder();
  OwnFolder(const OwnFolder&) = delete;
  OwnFolder& operator=(const OwnFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace takt::testing
