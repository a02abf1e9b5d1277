#include "takt/trajectory/files/lerobot_reader.hpp"

#include <fstream>
#include <numbers>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/files/parquet_writer.hpp"

namespace takt::trajectory::files {
namespace {

/// A dataset as others write them: no column of takt, joints in degrees.
class ForeignDataset : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_ / "meta" / "episodes" / "chunk-000");
    std::filesystem::create_directories(folder_ / "data" / "chunk-000");
    info_.features["action"] = {.dtype = "float32", .shape = {2}, .names = {"pan.pos", "gripper.pos"}};
    info_.features["note"] = {.dtype = "string", .shape = {1}, .names = {}};
    info_.robot_type = "so101_follower";
    data_ = {.rows = 5,
             .columns = {{.name = "action",
                          .values = std::vector<float>{90, 0, 180, 50, 45, 100, 1, 2, 3, 4},
                          .list = true,
                          .ends = {2, 4, 6, 8, 10}},
                         {.name = "note", .values = std::vector<std::string>(5)},
                         {.name = "timestamp", .values = std::vector<float>{0.0F, 0.5F, 1.0F, 0.0F, 0.5F}},
                         {.name = "episode_index", .values = std::vector<std::int64_t>{0, 0, 0, 1, 1}}}};
    episodes_ = {
        .rows = 2,
        .columns = {{.name = "episode_index", .values = std::vector<std::int64_t>{0, 1}},
                    {.name = "length", .values = std::vector<std::int64_t>{3, 2}},
                    {.name = "tasks", .values = std::vector<std::string>{"lift", "drop"}, .list = true, .ends = {1, 2}},
                    {.name = "data/chunk_index", .values = std::vector<std::int64_t>{0, 0}},
                    {.name = "data/file_index", .values = std::vector<std::int64_t>{0, 0}}}};
    write();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write() const {
    put("meta/info.json", to_text(info_));
    put("data/chunk-000/file-000.parquet", write_parquet(data_));
    put("meta/episodes/chunk-000/file-000.parquet", write_parquet(episodes_));
  }
  void put(const std::string& file, const std::string& bytes) const {
    std::ofstream(folder_ / file, std::ios::binary) << bytes;
  }

  std::string refusal(const LerobotReadOptions& options) const {
    try {
      static_cast<void>(read_lerobot(folder_, options));
    } catch (const ConfigError& error) {
      const std::string message = error.what();
      EXPECT_EQ(message.find('\n'), std::string::npos);
      return message.substr(message.find(folder_.filename().string()) + folder_.filename().string().size());
    }
    return "read";
  }

  std::filesystem::path folder_{std::filesystem::path(::testing::TempDir()) /
                                ("foreign_" + std::to_string(::getpid()))};
  LerobotInfo info_;
  ParquetTable data_;
  ParquetTable episodes_;
};

TEST_F(ForeignDataset, IsReadWithItsUnitsSaid) {
  EXPECT_TRUE(is_lerobot(folder_));
  const Trajectory found = read_lerobot(folder_, {.units = LerobotUnits::kDegrees});
  EXPECT_EQ(found.info().joint_names, std::vector<std::string>{"pan"});
  EXPECT_EQ(found.info().name, folder_.filename().string() + "_0");
  EXPECT_EQ(found.info().robot, "so101_follower");
  EXPECT_EQ(found.info().task, "lift");
  ASSERT_EQ(found.size(), 3U);
  EXPECT_NEAR(found.q_rad(0)[0], std::numbers::pi / 2, 1e-7);
  EXPECT_EQ(found.frame(1).gripper, 0.5);
  EXPECT_EQ(found.time_ns(2), 1'000'000'000);
  const Trajectory second =
      read_lerobot(folder_ / "", {.episode = 1, .units = LerobotUnits::kRadians, .robot = "so101"});
  EXPECT_EQ(second.size(), 2U);
  EXPECT_EQ(second.q_rad(0)[0], 1.0);
  EXPECT_EQ(second.info().name, folder_.filename().string() + "_1");
  EXPECT_EQ(second.info().robot, "so101");
}

TEST_F(ForeignDataset, UnitsAreNotGuessed) {
  EXPECT_EQ(refusal({}),
            "/data/chunk-000/file-000.parquet: action: nobody says whether its joints are in radians or "
            "degrees; say it (option `units`)");
}

TEST_F(ForeignDataset, WhatIsNotThereIsNamed) {
  const auto deg = LerobotUnits::kDegrees;
  EXPECT_EQ(refusal({.episode = 2, .units = deg}), ": has no episode 2, but 2 episodes from 0");
  EXPECT_EQ(refusal({.column = "observation.state", .units = deg}),
            "/meta/info.json: features: 'observation.state' is no feature of one row of numbers");
  EXPECT_EQ(refusal({.column = "note", .units = deg}),
            "/data/chunk-000/file-000.parquet: note: is a column of texts, not of numbers");
}

TEST_F(ForeignDataset, WhatContradictsItselfIsRefused) {
  data_.columns[0].ends = {1, 4, 6, 8, 10};
  write();
  EXPECT_EQ(refusal({.units = LerobotUnits::kDegrees}),
            "/data/chunk-000/file-000.parquet: action: has lists of different lengths");
  data_.columns[0].ends = {2, 4, 6, 8, 10};
  std::get<std::vector<float>>(data_.columns[2].values)[1] = 0.0F;
  write();
  EXPECT_NE(refusal({.units = LerobotUnits::kDegrees}).find("frame 1 is at 0.000000000 s, not after"),
            std::string::npos);
  info_.features["action"].shape = {3};
  write();
  EXPECT_EQ(refusal({.units = LerobotUnits::kDegrees}),
            "/data/chunk-000/file-000.parquet: action: has 2 numbers per frame where info.json says 3");
}

}  // namespace
}  // namespace takt::trajectory::files
