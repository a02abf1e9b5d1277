#include "takt/teleop/report.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/teleop/guard_counters.hpp"

namespace takt::teleop {
namespace {

using Json = nlohmann::json;

class ReportTest : public ::testing::Test {
 protected:
  ReportTest() : folder_(std::filesystem::temp_directory_path() / ("takt_report_" + std::to_string(getpid()))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
  }
  ~ReportTest() override { std::filesystem::remove_all(folder_); }

  static std::string text(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

  std::filesystem::path folder_;
};

TeleopReport some_report() {
  TeleopReport report;
  report.leader = "synthetic";
  report.follower = "sim:fr3";
  report.duration_s = 9.5;
  report.commands = {
      .published = 10, .applied = 6, .clamped = 3, .rejected = 2, .stale = 1, .aligning = 4, .aligning_rejected = 5};
  GuardCounters counters;
  counters.count(Guard::kVelocity, 3);
  report.guards = counters.by_name();
  report.hops = {{.name = "state_updated",
                  .p50_us = 0.5,
                  .p99_us = 1.5,
                  .p999_us = 2.5,
                  .max_us = 3.5,
                  .count = 10,
                  .thread = 77}};
  report.end_to_end = {
      .name = "end_to_end", .p50_us = 1, .p99_us = 2, .p999_us = 3, .max_us = 4, .count = 10, .thread = 78};
  report.tracking = {.rms_rad = {0.01, 0.02}, .max_rad = {0.03, 0.04}};
  report.threads = {"main", "pub.leader"};
  PairReport pair;
  pair.leader = report.leader;
  pair.follower = report.follower;
  pair.delivery = "inline";
  pair.commands = report.commands;
  pair.hops = report.hops;
  pair.end_to_end = report.end_to_end;
  add_row(pair.rows, "applied");
  report.pairs = {pair};
  return report;
}

TEST_F(ReportTest, HasTheFieldsOfItsSchema) {
  const auto path = folder_ / "report.json";
  write_report(some_report(), path);
  const Json json = Json::parse(text(path));
  EXPECT_EQ(json.at("schema"), "takt.teleop.report/1");
  EXPECT_EQ(json.at("leader"), "synthetic");
  EXPECT_EQ(json.at("follower"), "sim:fr3");
  EXPECT_EQ(json.at("duration_s"), 9.5);
  EXPECT_EQ(
      json.at("commands"),
      Json::parse(
          R"({"published":10,"applied":6,"clamped":3,"rejected":2,"stale":1,"aligning":4,"aligning_rejected":5})"));
  EXPECT_EQ(json.at("guards").size(), kGuards);
  EXPECT_EQ(json.at("guards").at("velocity"), 3);
  EXPECT_EQ(json.at("guards").at("not_finite"), 0);
  EXPECT_EQ(json.at("hops"),
            Json::parse(R"([{"name":"state_updated","p50_us":0.5,"p99_us":1.5,"p999_us":2.5,"max_us":3.5,
                                              "count":10,"thread":77}])"));
  EXPECT_EQ(json.at("end_to_end").at("p999_us"), 3);
  EXPECT_EQ(json.at("tracking"), Json::parse(R"({"rms_rad":[0.01,0.02],"max_rad":[0.03,0.04]})"));
  EXPECT_EQ(json.at("threads"), Json::parse(R"(["main","pub.leader"])"));
  EXPECT_EQ(json.at("fault"), "");
  const Json& pair = json.at("pairs").at(0);
  EXPECT_EQ(pair.at("delivery"), "inline");
  EXPECT_EQ(pair.at("rows"), Json::parse(R"([{"first":0,"last":0,"outcome":"applied"}])"));
  for (const char* field : {"leader", "follower", "commands", "guards", "hops", "end_to_end", "tracking", "fault"}) {
    EXPECT_TRUE(pair.contains(field)) << field;
  }
}

TEST_F(ReportTest, ReplacesAnOlderReportAndLeavesNothingElseBehind) {
  const auto path = folder_ / "report.json";
  std::ofstream(path) << std::string(100'000, 'x');
  write_report(some_report(), path);
  EXPECT_EQ(Json::parse(text(path)).at("leader"), "synthetic");
  EXPECT_EQ(files(), 1U);
}

TEST_F(ReportTest, LeavesTheOldReportWhenTheNewOneCannotBeWritten) {
  const auto path = folder_ / std::string(250, 'r');  // as long as a name may be: there is none for the new one
  std::ofstream(path) << "old";
  EXPECT_THROW(write_report(some_report(), path), SystemError);
  EXPECT_EQ(text(path), "old");
  EXPECT_EQ(files(), 1U);
}

TEST_F(ReportTest, RefusesAFolderAndAPathThatDoesNotExist) {
  const auto folder = folder_ / "report.json";
  std::filesystem::create_directory(folder);
  EXPECT_THROW(write_report(some_report(), folder), SystemError);
  EXPECT_THROW(write_report(some_report(), folder_ / "none" / "report.json"), SystemError);
  EXPECT_EQ(files(), 1U) << "a partial file is left behind";
}

TEST_F(ReportTest, WritesIntoAPipeInsteadOfReplacingIt) {
  const auto path = folder_ / "pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  write_report(some_report(), path);
  std::string read_back(60'000, ' ');  // less than a pipe holds
  read_back.resize(static_cast<std::size_t>(std::max<ssize_t>(0, read(reader, read_back.data(), read_back.size()))));
  close(reader);
  EXPECT_TRUE(std::filesystem::is_fifo(path));
  EXPECT_EQ(files(), 1U);
  EXPECT_EQ(Json::parse(read_back).at("leader"), "synthetic");
}

TEST(RowRunTest, JoinsRowsOfTheSameFate) {
  std::vector<RowRun> rows;
  for (const char* outcome : {"applied", "applied", "clamped", "rejected", "rejected", "rejected", "applied"}) {
    add_row(rows, outcome);
  }
  ASSERT_EQ(rows.size(), 4U);
  const auto expect = [&rows](std::size_t i, std::uint64_t first, std::uint64_t last, const char* outcome) {
    EXPECT_EQ(rows[i].first, first) << i;
    EXPECT_EQ(rows[i].last, last) << i;
    EXPECT_EQ(rows[i].outcome, outcome) << i;
  };
  expect(0, 0, 1, "applied");
  expect(1, 2, 2, "clamped");
  expect(2, 3, 5, "rejected");
  expect(3, 6, 6, "applied");
}

TEST(HopTableTest, HasALinePerHopAndOneForTheWholeWay) {
  const std::string table = hop_table(some_report().pairs[0]);
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 4);
  EXPECT_NE(table.find("synthetic -> sim:fr3 (inline)"), std::string::npos) << table;
  EXPECT_LT(table.find("state_updated"), table.find("end_to_end")) << table;
  EXPECT_NE(table.find("2.50"), std::string::npos) << table;
}

}  // namespace
}  // namespace takt::teleop
