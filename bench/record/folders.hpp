#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace takt::bench {

/// A folder to write into, for the life of this object; its files go with it.
class BenchFolder {
 public:
  /// In `parent`. @throws SystemError
  explicit BenchFolder(const std::filesystem::path& parent);
  ~BenchFolder();
  BenchFolder(const BenchFolder&) = delete;
  BenchFolder& operator=(const BenchFolder&) = delete;

  [[nodiscard]] std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Where this host keeps files: "tmpfs" and the file system of the current folder, by its name ("ext4").
struct Place {
  std::string file_system;
  std::filesystem::path folder;
};
[[nodiscard]] std::vector<Place> places();

}  // namespace takt::bench
