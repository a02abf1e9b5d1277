#include "takt/trajectory/files/mcap_codec.hpp"

#include <cmath>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/core/error.hpp"

namespace takt::trajectory::files {
namespace {

class McapCodecTest : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static Trajectory wave(const std::string& name) {
    Trajectory made({.name = name, .robot = "so101", .joint_names = {"pan", "lift"}, .task = "wave"});
    for (int i = 0; i < 100; ++i) {
      made.append({.t_ns = i * 16'700'001LL, .q_rad = {std::sin(i * 0.1), 0.1 * i}, .gripper = i / 99.0});
    }
    return made;
  }

  std::filesystem::path folder_{std::filesystem::path(::testing::TempDir()) /
                                ("mcap_codec_" + std::to_string(::getpid()))};
};

TEST_F(McapCodecTest, ALibraryGivesBackWhatWasSaved) {
  const Library library = open_library(folder_);
  library.save(wave("pick"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "pick.mcap"));
  EXPECT_EQ(open_library(folder_).load("pick"), wave("pick"));
}

TEST_F(McapCodecTest, AnEntryThatIsNoMcapFileIsListedWithItsErrorAndRefused) {
  const Library library = open_library(folder_);
  std::ofstream(folder_ / "odd.mcap") << "no recording";
  ASSERT_EQ(library.list().size(), 1U);
  EXPECT_NE(library.list().front().error, "");
  EXPECT_THROW(static_cast<void>(library.load("odd")), ConfigError);
}

}  // namespace
}  // namespace takt::trajectory::files
