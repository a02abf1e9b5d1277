#include "takt/trajectory/files/lerobot_writer.hpp"

#include <cmath>
#include <fstream>
#include <numbers>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/files/lerobot_reader.hpp"
#include "takt/trajectory/files/parquet_reader.hpp"

namespace takt::trajectory::files {
namespace {

Trajectory wave(const std::string& name, int frames, bool rich = true, std::int64_t start_wall_ns = 0) {
  Trajectory made({.name = name,
                   .robot = "so101",
                   .robot_type = messages::RobotType::kSo101,
                   .joint_names = {"pan", "gripper"},
                   .task = "wave, please",
                   .success = true,
                   .start_wall_ns = start_wall_ns,
                   .source = "nowhere"});
  for (int i = 0; i < frames; ++i) {
    Frame frame{.t_ns = i * 20'000'001LL, .q_rad = {std::sin(i * 0.1), 0.1 * i}};
    if (rich) {
      frame.dq_rad_s = {std::cos(i * 0.1), 0.3};
      frame.gripper = (i % 10) / 9.0;
    }
    made.append(frame);
  }
  return made;
}

class LerobotTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string refusal(std::span<const LerobotEpisode> episodes, const LerobotWriteOptions& options = {}) {
    try {
      write_lerobot(folder_ / "d", episodes, options);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "written";
  }

  std::filesystem::path folder_{std::filesystem::path(::testing::TempDir()) /
                                ("lerobot_" + std::to_string(::getpid()))};
};

TEST_F(LerobotTest, TrajectoriesComeBackBitByBit) {
  for (const bool rich : {true, false}) {
    const std::vector<LerobotEpisode> episodes{
        {wave("one", 40, rich)}, {wave("two", 1, rich)}, {wave("three", 70, rich)}};
    const auto folder = folder_ / (rich ? "rich" : "plain");
    write_lerobot(folder, episodes);
    for (std::int64_t i = 0; i < 3; ++i) {
      for (const char* column : {"action", "observation.state"}) {
        EXPECT_EQ(read_lerobot(folder, {.episode = i, .column = column}), episodes[static_cast<std::size_t>(i)].state);
      }
    }
  }
}

TEST_F(LerobotTest, TheColumnsAreThoseOfLerobot) {
  write_lerobot(folder_ / "d", std::vector<LerobotEpisode>{{wave("one", 40)}, {wave("two", 30)}});
  const auto data = open_parquet(folder_ / "d" / "data" / "chunk-000" / "file-000.parquet");
  EXPECT_EQ(data->rows(), 70U);
  const auto action = data->read("action");
  EXPECT_TRUE(action.list);
  EXPECT_EQ(action.ends[0], 3U);
  const auto& floats = std::get<std::vector<float>>(action.values);
  EXPECT_EQ(floats[3], static_cast<float>(std::sin(0.1)));
  EXPECT_EQ(floats[5], 100.0F / 9.0F);
  const auto times = std::get<std::vector<float>>(data->read("timestamp").values);
  EXPECT_EQ(times[1], 0.02F);
  EXPECT_EQ(times[40], 0.0F);
  EXPECT_EQ(std::get<std::vector<std::int64_t>>(data->read("takt.t_ns").values)[41], 20'000'001);
  EXPECT_EQ(std::get<std::vector<std::int64_t>>(data->read("index").values)[69], 69);
  EXPECT_EQ(std::get<std::vector<std::int64_t>>(data->read("frame_index").values)[69], 29);
  EXPECT_EQ(std::get<std::vector<std::int64_t>>(data->read("episode_index").values)[69], 1);
}

TEST_F(LerobotTest, InfoTasksAndStatisticsAreWritten) {
  write_lerobot(folder_ / "d", std::vector<LerobotEpisode>{{wave("one", 40)}, {wave("two", 30)}});
  const LerobotDataset dataset = list_lerobot(folder_ / "d");
  EXPECT_EQ(dataset.info.fps, 50.0);
  EXPECT_EQ(dataset.info.frames, 70);
  EXPECT_EQ(dataset.info.tasks, 1);
  EXPECT_EQ(dataset.info.robot_type, "so101");
  EXPECT_EQ(dataset.info.features.at("action").names,
            (std::vector<std::string>{"pan.pos", "gripper_joint.pos", "gripper.pos"}));
  const auto tasks = open_parquet(folder_ / "d" / "meta" / "tasks.parquet");
  EXPECT_EQ(std::get<std::vector<std::string>>(tasks->read("task").values), std::vector<std::string>{"wave, please"});
  const auto episodes = open_parquet(folder_ / "d" / "meta" / "episodes" / "chunk-000" / "file-000.parquet");
  EXPECT_EQ(std::get<std::vector<std::int64_t>>(episodes->read("dataset_to_index").values),
            (std::vector<std::int64_t>{40, 70}));
  const auto highest = episodes->read("stats/frame_index/max");
  EXPECT_EQ(std::get<std::vector<double>>(highest.values), (std::vector<double>{39.0, 29.0}));
  const auto median = episodes->read("stats/frame_index/q50");
  EXPECT_EQ(std::get<std::vector<double>>(median.values)[0], 19.5);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "d" / "meta" / "stats.json"));
}

TEST_F(LerobotTest, AnActionIsTheLastOneBeforeItsFrameByWallTime) {
  Trajectory action = wave("told", 100, false, 1'000'000'000);
  const Trajectory state = wave("did", 10, false, 1'000'000'000 + 50'000'000);
  write_lerobot(folder_ / "d", std::vector<LerobotEpisode>{{state, action}}, {.degrees = true});
  const Trajectory found = read_lerobot(folder_ / "d");
  ASSERT_EQ(found.size(), 10U);
  EXPECT_EQ(found.info().joint_names, (std::vector<std::string>{"pan", "gripper"}));
  EXPECT_NEAR(found.q_rad(0)[0], action.q_rad(2)[0], 1e-6);  // 40 ms: the last one before 50
  EXPECT_NEAR(found.q_rad(9)[0], action.q_rad(11)[0], 1e-6);
  EXPECT_EQ(read_lerobot(folder_ / "d", {.column = "observation.state"}), state);
  const auto data = open_parquet(folder_ / "d" / "data" / "chunk-000" / "file-000.parquet");
  EXPECT_EQ(std::get<std::vector<std::int64_t>>(data->read("takt.action_t_ns").values)[0], 40'000'002 - 50'000'000);
}

TEST_F(LerobotTest, WhatCannotBeOneDatasetIsRefusedAndNothingIsLeft) {
  EXPECT_EQ(refusal({}), "LeRobot: a dataset of no episodes");
  EXPECT_EQ(refusal(std::vector<LerobotEpisode>{{Trajectory({.name = "none", .joint_names = {"a"}})}}),
            "trajectory 'none' has no frames");
  EXPECT_NE(
      refusal(std::vector<LerobotEpisode>{{wave("a", 3)}, {wave("b", 3, false)}}).find("'b' has other joints than 'a'"),
      std::string::npos);
  EXPECT_NE(
      refusal(std::vector<LerobotEpisode>{{wave("a", 3), wave("t", 3)}, {wave("b", 3)}}).find("only one has actions"),
      std::string::npos);
  EXPECT_EQ(refusal(std::vector<LerobotEpisode>{{wave("a", 3)}}, {.fps = 0.2}),
            "LeRobot: 0 frames per second, must be 1 … 100000");
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
  write_lerobot(folder_ / "d", std::vector<LerobotEpisode>{{wave("a", 3)}});
  EXPECT_NE(refusal(std::vector<LerobotEpisode>{{wave("a", 3)}}).find("is there already"), std::string::npos);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

}  // namespace
}  // namespace takt::trajectory::files
