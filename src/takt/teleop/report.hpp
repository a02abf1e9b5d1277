#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <boost/describe.hpp>

#include "takt/teleop/hop_trace.hpp"
#include "takt/teleop/tracking_monitor.hpp"

namespace takt::teleop {

/// What became of the commands of a pair. docs/formats/report.md.
struct CommandReport {
  std::uint64_t published{0};          ///< commands sent while engaged
  std::uint64_t applied{0};            ///< of them: taken by the follower unaltered
  std::uint64_t clamped{0};            ///< taken altered by a guard
  std::uint64_t rejected{0};           ///< leader states that became no command
  std::uint64_t stale{0};              ///< commands the follower refused for their age or lease
  std::uint64_t aligning{0};           ///< commands of approaches, counted in none of the above
  std::uint64_t aligning_rejected{0};  ///< leader states that became no command while approaching
};
BOOST_DESCRIBE_STRUCT(CommandReport, (), (published, applied, clamped, rejected, stale, aligning, aligning_rejected))

/// Rows of a recording that met the same fate, in order: row `first` … `last`, from 0.
struct RowRun {
  std::uint64_t first{0};
  std::uint64_t last{0};
  std::string outcome;  ///< "applied", "clamped", "rejected", or "dropped" by a delivery queue
};
BOOST_DESCRIBE_STRUCT(RowRun, (), (first, last, outcome))

/// One pair of a run.
struct PairReport {
  std::string leader;
  std::string follower;
  std::string delivery;
  CommandReport commands;
  std::map<std::string, std::uint64_t> guards;
  std::vector<HopRow> hops;
  HopRow end_to_end;
  TrackingReport tracking;
  std::vector<RowRun> rows;       ///< a recording's; empty for other leaders
  std::uint64_t lost_records{0};  ///< hops or rows that came faster than they could be kept
  std::string fault;              ///< empty when all went well
};
BOOST_DESCRIBE_STRUCT(PairReport, (),
                      (leader, follower, delivery, commands, guards, hops, end_to_end, tracking, rows, lost_records,
                       fault))

/// A whole run. The first pair's fields stand at the top as well: most runs have one.
struct TeleopReport {
  std::string schema{"takt.teleop.report/1"};
  std::string leader;
  std::string follower;
  double duration_s{0};
  CommandReport commands;
  std::map<std::string, std::uint64_t> guards;
  std::vector<HopRow> hops;
  HopRow end_to_end;
  TrackingReport tracking;
  std::vector<std::string> threads;
  std::vector<PairReport> pairs;
  std::string fault;
};
BOOST_DESCRIBE_STRUCT(TeleopReport, (),
                      (schema, leader, follower, duration_s, commands, guards, hops, end_to_end, tracking, threads,
                       pairs, fault))

/// Writes a report as JSON, whole or not at all. @throws SystemError.
void write_report(const TeleopReport& report, const std::filesystem::path& path);

/// The hop table of a pair for people, one line per hop.
[[nodiscard]] std::string hop_table(const PairReport& report);

/// Appends the outcome of one more row.
void add_row(std::vector<RowRun>& rows, const std::string& outcome);

}  // namespace takt::teleop
