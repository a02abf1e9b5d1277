#include "takt/controller/evidence_file.hpp"

#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/core/error.hpp"

namespace takt::controller {
namespace {

using control::CycleMode;
using control::CycleState;
using control::Fault;

constexpr core::Nanoseconds kWall_ns = 1'795'197'045'000'000'000;  // 2026-11-20T17:50:45Z

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, ',');) {
    fields.push_back(field);
  }
  return fields;
}

/// An evidence file as a reader sees it.
struct Parsed {
  std::map<std::string, std::string> title;
  std::vector<std::map<std::string, std::string>> rows;
  [[nodiscard]] double number(std::size_t row, const std::string& column) const {
    return std::stod(rows.at(row).at(column));
  }
};

Parsed parse(std::istream& in) {
  Parsed parsed;
  std::vector<std::string> columns;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("# ")) {
      const auto colon = line.find(": ");
      parsed.title[line.substr(2, colon - 2)] = colon == std::string::npos ? "" : line.substr(colon + 2);
    } else if (columns.empty()) {
      columns = fields_of(line);
    } else {
      const std::vector<std::string> fields = fields_of(line);
      EXPECT_EQ(fields.size(), columns.size());
      auto& row = parsed.rows.emplace_back();
      for (std::size_t i = 0; i < columns.size(); ++i) {
        row[columns[i]] = fields.at(i);
      }
    }
  }
  return parsed;
}

EvidenceTitle title() {
  return {.arm = "fr3",
          .fault = {.fault = Fault::kTrackingError, .joint = 3, .value = 0.31, .limit = 0.2, .stamp_ns = 42},
          .wall_ns = kWall_ns};
}

std::vector<CycleState> cycles() {
  std::vector<CycleState> made(2);
  for (std::size_t k = 0; k < made.size(); ++k) {
    CycleState& cycle = made[k];
    const double x = 0.1 * static_cast<double>(k + 1);
    cycle.cycle = 100 + k;
    cycle.mode = k == 0 ? CycleMode::kRunning : CycleMode::kSafeStopping;
    cycle.fault = k == 0 ? Fault::kNone : Fault::kTrackingError;
    cycle.freshness = control::Freshness::kFresh;
    cycle.following = control::CommandKind::kPose;
    cycle.law = "operational_space";
    cycle.at_rest = false;
    cycle.woke_ns = 1'000'007;
    cycle.written_ns = 1'000'012;
    cycle.measured.stamp_ns = 1'000'000;
    cycle.measured.sequence = 9;
    cycle.measured.q_rad = {x, 1.0 / 3.0};
    cycle.measured.dq_rad_s = {2 * x, -x};
    cycle.measured.tau_nm = {3 * x, -x};
    cycle.measured.command_success_rate = 0.99;
    cycle.measured.brakes_engaged = false;
    cycle.setpoint = {.q_rad = {4 * x, -x}, .dq_rad_s = {5 * x, -x}, .ddq_rad_s2 = {6 * x, -x}};
    cycle.target_rad = {7 * x, -x};
    cycle.tau_nm = {8 * x, -x};
    cycle.tau_wanted_nm = {9 * x, -x};
  }
  return made;
}

TEST(EvidenceFile, WhatIsWrittenIsReadBackBitForBit) {
  std::stringstream file;
  write_evidence(file, title(), cycles());
  const Parsed parsed = parse(file);
  EXPECT_TRUE(parsed.title.contains("takt evidence 1"));
  EXPECT_EQ(parsed.title.at("arm"), "fr3");
  EXPECT_EQ(parsed.title.at("fault"), describe(title().fault));
  EXPECT_EQ(parsed.title.at("fault_stamp_ns"), "42");
  EXPECT_EQ(parsed.title.at("written"), "2026-11-20T17:50:45Z");
  ASSERT_EQ(parsed.rows.size(), 2U);
  const CycleState first = cycles().front();
  EXPECT_EQ(parsed.rows[0].at("mode"), "running");
  EXPECT_EQ(parsed.rows[1].at("mode"), "safe-stopping");
  EXPECT_EQ(parsed.rows[0].at("fault"), "no fault");
  EXPECT_EQ(parsed.rows[0].at("freshness"), "fresh");
  EXPECT_EQ(parsed.rows[0].at("following"), "pose");
  EXPECT_EQ(parsed.rows[0].at("law"), "operational_space");
  EXPECT_EQ(parsed.number(0, "leashed"), 0);
  EXPECT_EQ(parsed.number(0, "cycle"), 100);
  EXPECT_EQ(parsed.number(0, "stamp_ns"), 1'000'000);
  EXPECT_EQ(parsed.number(0, "woke_ns"), 1'000'007);
  EXPECT_EQ(parsed.number(0, "written_ns"), 1'000'012);
  EXPECT_EQ(parsed.number(0, "sequence"), 9);
  EXPECT_EQ(parsed.number(0, "success_rate"), 0.99);
  EXPECT_EQ(parsed.number(0, "brakes"), 0);
  EXPECT_EQ(parsed.number(0, "at_rest"), 0);
  EXPECT_EQ(parsed.number(0, "q2_rad"), 1.0 / 3.0);
  EXPECT_EQ(parsed.number(0, "q1_rad"), first.measured.q_rad[0]);
  EXPECT_EQ(parsed.number(0, "dq1_rad_s"), first.measured.dq_rad_s[0]);
  EXPECT_EQ(parsed.number(0, "tau1_nm"), first.measured.tau_nm[0]);
  EXPECT_EQ(parsed.number(0, "target1_rad"), first.target_rad[0]);
  EXPECT_EQ(parsed.number(0, "q_set1_rad"), first.setpoint.q_rad[0]);
  EXPECT_EQ(parsed.number(0, "dq_set1_rad_s"), first.setpoint.dq_rad_s[0]);
  EXPECT_EQ(parsed.number(0, "ddq_set1_rad_s2"), first.setpoint.ddq_rad_s2[0]);
  EXPECT_EQ(parsed.number(0, "tau_law1_nm"), first.tau_wanted_nm[0]);
  EXPECT_EQ(parsed.number(0, "tau_cmd1_nm"), first.tau_nm[0]);
}

TEST(EvidenceFile, AStateThatMadeNoSenseIsKeptAsItWas) {
  std::vector<CycleState> strange = cycles();
  strange[1].measured.q_rad = {std::numeric_limits<double>::quiet_NaN()};
  std::stringstream file;
  write_evidence(file, title(), strange);
  const Parsed parsed = parse(file);
  EXPECT_EQ(parsed.rows[1].at("q1_rad"), "nan");
  EXPECT_EQ(parsed.rows[1].at("q2_rad"), "");
}

class EvidenceFolder : public ::testing::Test {
 protected:
  EvidenceFolder() : folder(std::filesystem::path(::testing::TempDir()) / ("evidence" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder);
  }
  ~EvidenceFolder() override { std::filesystem::remove_all(folder); }
  std::filesystem::path folder;
};

TEST_F(EvidenceFolder, TheNameSaysArmTimeAndFault) {
  const auto path = save_evidence(folder / "deep", title(), cycles());
  EXPECT_EQ(path.filename(), "takt-fr3-20261120T175045Z-the-arm-does-not-follow-its-setpoint.csv");
  std::ifstream file(path);
  EXPECT_EQ(parse(file).rows.size(), 2U);
}

TEST_F(EvidenceFolder, NoFileIsOverwrittenAndNoneIsLeftUnfinished) {
  const auto first = save_evidence(folder, title(), cycles());
  const auto second = save_evidence(folder, title(), {});
  EXPECT_NE(first, second);
  std::ifstream file(first);
  EXPECT_EQ(parse(file).rows.size(), 2U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()), 2);
}

TEST_F(EvidenceFolder, AFolderThatCannotBeIsAnError) {
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "file") << "x";
  EXPECT_THROW(save_evidence(folder / "file", title(), cycles()), SystemError);
}

}  // namespace
}  // namespace takt::controller
