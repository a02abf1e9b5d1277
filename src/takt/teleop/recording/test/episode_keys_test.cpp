#include "takt/teleop/recording/episode_keys.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "takt/teleop/recording/test/recording_rig.hpp"

namespace takt::teleop::recording {
namespace {

class EpisodeKeysTest : public ::testing::Test {
 protected:
  std::vector<std::byte> bytes_;
  Recorder recorder_{std::make_unique<trajectory::mcap::MemorySink>(bytes_), "test.mcap"};
  EpisodeKeys keys_{recorder_, "pick the \"red\" cube"};

  [[nodiscard]] std::vector<nlohmann::json> episodes() {
    recorder_.close();
    return FileContents(bytes_).events["/takt/episode"];
  }
};

TEST_F(EpisodeKeysTest, StartMarkAndEndAnEpisodeWithTheTask) {
  EXPECT_EQ(keys_.press('s'), "episode 1 begins");
  EXPECT_EQ(keys_.press('m'), "episode 1 is a success");
  EXPECT_EQ(keys_.press('e'), "episode 1 ended");
  EXPECT_EQ(keys_.press('s'), "episode 2 begins");
  EXPECT_EQ(keys_.press('d'), "episode 2 discarded");
  const auto events = episodes();
  ASSERT_EQ(events.size(), 5U);
  const std::vector<std::string> want{"begin", "mark", "end", "begin", "discard"};
  for (std::size_t i = 0; i < want.size(); ++i) {
    EXPECT_EQ(events[i].at("event"), want[i]);
  }
  EXPECT_EQ(events[0].at("task"), "pick the \"red\" cube");
  EXPECT_EQ(events[1].at("success"), true);
  EXPECT_EQ(events[4].at("episode"), 2);
}

TEST_F(EpisodeKeysTest, MarkTheLastEpisodeWhereNoneIsOpen) {
  keys_.press('s');
  keys_.press('e');
  EXPECT_EQ(keys_.press('m'), "episode 1 is a success");
}

TEST_F(EpisodeKeysTest, SayWhyTheyDidNothing) {
  EXPECT_EQ(keys_.press('e'), "no episode is open");
  keys_.press('s');
  EXPECT_EQ(keys_.press('s'), "episode 1 is open: end or discard it first");
  EXPECT_EQ(keys_.press('x'), EpisodeKeys::help());
  EXPECT_EQ(recorder_.state().episodes, 1U);
}

TEST_F(EpisodeKeysTest, QuitWithQAlone) {
  for (const char key : {'s', 'e', 'd', 'm', 'x', 'Q'}) {
    keys_.press(key);
    EXPECT_FALSE(keys_.quit()) << key;
  }
  keys_.press('q');
  EXPECT_TRUE(keys_.quit());
}

}  // namespace
}  // namespace takt::teleop::recording
