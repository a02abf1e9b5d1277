#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <unistd.h>

namespace takt::controller::test {

/// A runtime folder of the test's own, so that its servers are nobody else's. Gone with the test.
class OwnFolder {
 public:
  OwnFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "takt_test_XXXXXX").string();
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
    const char* before = std::getenv("XDG_RUNTIME_DIR");
    before_ = before != nullptr ? before : "";
    setenv("XDG_RUNTIME_DIR", path_.c_str(), 1);
  }
  ~OwnFolder() {
    if (before_.empty()) {
      unsetenv("XDG_RUNTIME_DIR");
    } else {
      setenv("XDG_RUNTIME_DIR", before_.c_str(), 1);
    }
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  OwnFolder(const OwnFolder&) = delete;
  OwnFolder& operator=(const OwnFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// What lies in the folder of the sockets.
  [[nodiscard]] std::size_t files() const {
    std::error_code none;
    std::size_t count = 0;
    for (std::filesystem::directory_iterator entry(path_ / "takt", none);
         entry != std::filesystem::directory_iterator(); entry.increment(none)) {
      ++count;
    }
    return count;
  }

 private:
  std::filesystem::path path_;
  std::string before_;
};

}  // namespace takt::controller::test
