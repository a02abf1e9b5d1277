#include "takt/trajectory/files/lerobot_info.hpp"

#include <gtest/gtest.h>

#include "takt/core/error.hpp"

namespace takt::trajectory::files {
namespace {

constexpr const char* kForeign = R"({
  "codebase_version": "v3.0", "robot_type": "so101_follower", "total_episodes": 2, "total_frames": 60, "total_tasks": 1,
  "chunks_size": 1000, "fps": 30, "splits": {"train": "0:2"}, "made_by": {"somebody": [1, 2]},
  "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
  "video_path": "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4",
  "features": {
    "action": {"dtype": "float32", "shape": [2], "names": ["pan.pos", "gripper.pos"], "fps": 30.0},
    "timestamp": {"dtype": "float32", "shape": [1], "names": null},
    "observation.images.top": {"dtype": "video", "shape": [480, 640, 3], "names": ["height", "width", "channels"]}}})";

std::string changed(std::string_view from, std::string_view to) {
  std::string text = kForeign;
  return text.replace(text.find(from), from.size(), to);
}

std::string refusal(std::string_view text) {
  try {
    static_cast<void>(parse_lerobot_info(text, "info.json"));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(LerobotInfoTest, ReadsWhatOthersWrite) {
  const LerobotInfo info = parse_lerobot_info(kForeign, "info.json");
  EXPECT_EQ(info.robot_type, "so101_follower");
  EXPECT_EQ(info.fps, 30.0);
  EXPECT_EQ(info.episodes, 2);
  EXPECT_EQ(info.frames, 60);
  EXPECT_EQ(info.features.at("action"),
            (LerobotFeature{.dtype = "float32", .shape = {2}, .names = {"pan.pos", "gripper.pos"}}));
  EXPECT_TRUE(info.features.at("timestamp").names.empty());
  EXPECT_EQ(info.features.at("observation.images.top").shape.size(), 3U);
}

TEST(LerobotInfoTest, WhatIsWrittenIsReadBack) {
  const LerobotInfo info = parse_lerobot_info(kForeign, "info.json");
  EXPECT_EQ(parse_lerobot_info(to_text(info), "again"), info);
}

TEST(LerobotInfoTest, RefusesOtherVersionsByName) {
  EXPECT_EQ(refusal(changed("v3.0", "v2.1")), "info.json: codebase_version: 'v2.1': datasets of version v3.0 are read");
}

TEST(LerobotInfoTest, RefusesADataPathThatLeadsOut) {
  EXPECT_EQ(
      refusal(changed("data/chunk", "../chunk")),
      "info.json: data_path: '../chunk-{chunk_index:03d}/file-{file_index:03d}.parquet' leads out of the dataset");
  EXPECT_NE(refusal(changed("data/chunk", "/data/chunk")), "accepted");
}

TEST(LerobotInfoTest, RefusesWhatIsMissingOrOfAnotherKindWithItsName) {
  EXPECT_EQ(refusal("[]"), "info.json: is no JSON object");
  EXPECT_EQ(refusal("{\"codebase_version\""), "info.json: is no JSON object");
  EXPECT_EQ(refusal("{}"), "info.json: codebase_version: is missing, or no text");
  EXPECT_EQ(refusal(changed("\"fps\": 30,", "\"fps\": 0,")), "info.json: fps: is missing, or no number above 0");
  EXPECT_EQ(refusal(changed("\"total_frames\": 60", "\"total_frames\": -1")),
            "info.json: total_frames: is no number from 0");
  EXPECT_EQ(refusal(changed("\"shape\": [2]", "\"shape\": [-2]")),
            "info.json: features.'action': has a shape that is no list of numbers from 0");
  EXPECT_EQ(refusal(changed("\"dtype\": \"float32\", \"shape\": [2]", "\"shape\": [2]")),
            "info.json: features.'action': has no dtype or no shape");
}

TEST(LerobotInfoTest, PutsNumbersIntoTheDataPath) {
  LerobotInfo info;
  EXPECT_EQ(data_file(info, 1, 12), "data/chunk-001/file-012.parquet");
  info.data_path = "d/{chunk_index}-{file_index}.parquet";
  EXPECT_EQ(data_file(info, 1, 1200), "d/1-1200.parquet");
}

}  // namespace
}  // namespace takt::trajectory::files
