#include "takt/core/file_text.hpp"

#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/core/error.hpp"

namespace takt::core {
namespace {

class FileTextTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string refusal(const std::filesystem::path& path, std::size_t at_most) {
    try {
      static_cast<void>(read_file_text(path, at_most));
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "read";
  }

  std::filesystem::path folder_{std::filesystem::path(::testing::TempDir()) /
                                ("file_text_" + std::to_string(::getpid()))};
};

TEST_F(FileTextTest, GivesEveryByte) {
  const std::string bytes = std::string("a\0\r\n", 4) + std::string(200'000, 'x');
  std::ofstream(folder_ / "f", std::ios::binary) << bytes;
  EXPECT_EQ(read_file_text(folder_ / "f", 1U << 20U), bytes);
}

TEST_F(FileTextTest, RefusesWhatIsMissingAFolderOrTooLargeByName) {
  std::ofstream(folder_ / "large", std::ios::binary) << std::string((1U << 20U) + 1, 'x');
  EXPECT_NE(refusal(folder_ / "none", 10).find("none: cannot be read: No such file"), std::string::npos);
  EXPECT_NE(refusal(folder_, 10).find("is a directory"), std::string::npos);
  EXPECT_NE(refusal(folder_ / "large", 1U << 20U).find("large: is larger than 1 MiB"), std::string::npos);
}

}  // namespace
}  // namespace takt::core
