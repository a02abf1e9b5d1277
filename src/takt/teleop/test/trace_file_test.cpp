#include "takt/teleop/trace_file.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "takt/core/error.hpp"

namespace takt::teleop {
namespace {

using messages::HopPoint;
using Json = nlohmann::json;

class TraceFileTest : public ::testing::Test {
 protected:
  TraceFileTest()
      : path_(std::filesystem::temp_directory_path() / ("takt_trace_" + std::to_string(getpid()) + ".json")) {}
  ~TraceFileTest() override { std::filesystem::remove(path_); }

  [[nodiscard]] std::string text() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path path_;
};

TracedCommand command_at(core::Nanoseconds start_ns, std::uint64_t trace_id = 0x2a) {
  TracedCommand command{.trace_id = trace_id, .hops = {}};
  const std::uint32_t here = messages::current_thread_id();
  command.hops.push_back({.stamp_ns = start_ns, .thread = here, .point = HopPoint::kGotState});
  command.hops.push_back({.stamp_ns = start_ns + 1, .thread = here, .point = HopPoint::kEnter});
  command.hops.push_back({.stamp_ns = start_ns + 1'234'568, .thread = 999'999'999, .point = HopPoint::kApplied});
  return command;
}

std::vector<Json> events(const Json& document, const std::string& phase) {
  std::vector<Json> found;
  for (const Json& event : document) {
    if (event.at("ph") == phase) {
      found.push_back(event);
    }
  }
  return found;
}

TEST_F(TraceFileTest, IsAnEmptyListWithoutCommands) {
  {
    const TraceFile file(path_);
  }
  EXPECT_EQ(Json::parse(text()), Json::array());
  {
    TraceFile file(path_);
    file.write("fr3", {});
  }
  EXPECT_EQ(Json::parse(text()), Json::array());
}

TEST_F(TraceFileTest, WritesACompleteEventPerHop) {
  {
    TraceFile file(path_);
    file.write("fr3", {command_at(5'000'000'000)});
  }
  const auto complete = events(Json::parse(text()), "X");
  ASSERT_EQ(complete.size(), 2U);
  EXPECT_EQ(complete[0].at("name"), "enter");
  EXPECT_EQ(complete[0].at("cat"), "fr3");
  EXPECT_EQ(complete[0].at("tid"), messages::current_thread_id());
  EXPECT_EQ(complete[0].at("args").at("trace_id"), "000000000000002a");
  EXPECT_EQ(complete[1].at("name"), "applied");
  EXPECT_EQ(complete[1].at("tid"), 999'999'999);
  EXPECT_EQ(complete[1].at("pid"), complete[0].at("pid"));
}

TEST_F(TraceFileTest, GivesTimesInMicrosecondsExactToTheNanosecond) {
  {
    TraceFile file(path_);
    file.write("fr3", {command_at(5'000'000'007), command_at(20'000'000'000'000'003)});  // 231 days of uptime
  }
  const std::string written = text();
  EXPECT_NE(written.find(R"("ts":5000000.007,"dur":0.001,)"), std::string::npos) << written;
  EXPECT_NE(written.find(R"("ts":5000000.008,"dur":1234.567,)"), std::string::npos) << written;
  EXPECT_NE(written.find(R"("ts":20000000000000.003,"dur":0.001,)"), std::string::npos) << written;
}

TEST_F(TraceFileTest, NamesEachThreadOnce) {
  {
    TraceFile file(path_);
    file.write("a", {command_at(1000), command_at(2000)});
    file.write("b", {command_at(3000)});
  }
  const Json document = Json::parse(text());
  const auto metadata = events(document, "M");
  ASSERT_EQ(metadata.size(), 2U);
  EXPECT_EQ(metadata[0].at("name"), "thread_name");
  EXPECT_EQ(metadata[0].at("tid"), messages::current_thread_id());
  EXPECT_FALSE(metadata[0].at("args").at("name").get<std::string>().empty());
  EXPECT_EQ(metadata[1].at("args").at("name"), "?") << "a thread that has ended";
  EXPECT_EQ(events(document, "X").size(), 6U);
}

TEST_F(TraceFileTest, IsReadableAfterEveryWriteWithoutBeingClosed) {
  TraceFile file(path_);
  for (std::size_t i = 1; i <= 3; ++i) {
    file.write("fr3", {command_at(static_cast<core::Nanoseconds>(i) * 1000)});
    EXPECT_EQ(events(Json::parse(text() + "]"), "X").size(), 2 * i);
  }
}

TEST_F(TraceFileTest, BearsAnyRobotName) {
  const std::string name = "left \"arm\"\\\n";
  {
    TraceFile file(path_);
    file.write(name, {command_at(1)});
  }
  EXPECT_EQ(events(Json::parse(text()), "X").at(0).at("cat"), name);
}

TEST_F(TraceFileTest, SkipsCommandsWithoutTwoHops) {
  {
    TraceFile file(path_);
    TracedCommand one = command_at(1);
    one.hops.clear();
    file.write("fr3", {one});
    one.hops.push_back({.stamp_ns = 1, .thread = 1, .point = HopPoint::kGotState});
    file.write("fr3", {one});
  }
  EXPECT_EQ(Json::parse(text()), Json::array());
}

TEST_F(TraceFileTest, RefusesAPathThatCannotBeWritten) {
  EXPECT_THROW(TraceFile{"/nowhere/at/all/trace.json"}, SystemError);
  EXPECT_THROW(TraceFile{std::filesystem::temp_directory_path()}, SystemError);
}

TEST_F(TraceFileTest, SaysSoWhenTheDiskIsFull) {
  if (!std::filesystem::exists("/dev/full")) {
    GTEST_SKIP() << "no /dev/full here";
  }
  TraceFile file("/dev/full");
  try {
    file.write("fr3", {command_at(1)});
    FAIL() << "must throw";
  } catch (const SystemError& error) {
    EXPECT_NE(std::string(error.what()).find("/dev/full: No space left"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace takt::teleop
