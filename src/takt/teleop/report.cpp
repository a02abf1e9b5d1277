#include "takt/teleop/report.hpp"

#include <cerrno>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/core/file_replace.hpp"
#include "takt/messages/json.hpp"

namespace takt::teleop {

namespace {

void write_text(const std::string& text, const std::filesystem::path& path) {
  errno = 0;
  std::ofstream out(path);
  out << text;
  out.close();
  if (!out) {
    throw SystemError("cannot write the report " + path.string(), errno);
  }
}

}  // namespace

void write_report(const TeleopReport& report, const std::filesystem::path& path) {
  const std::string text = messages::to_json(report) + '\n';
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    write_text(text, path);  // a pipe or a device must not be replaced by a file; a folder is refused
    return;
  }
  core::replace_file(path, text);
}

std::string hop_table(const PairReport& report) {
  std::string text = fmt::format("{} -> {} ({})\n", report.leader, report.follower, report.delivery);
  text += fmt::format("  {:<16}{:>10}{:>10}{:>10}{:>11}{:>9}{:>9}\n", "hop", "p50 us", "p99 us", "p99.9 us", "max us",
                      "count", "thread");
  const auto add = [&text](const HopRow& row) {
    text += fmt::format("  {:<16}{:>10.2f}{:>10.2f}{:>10.2f}{:>11.2f}{:>9}{:>9}\n", row.name, row.p50_us, row.p99_us,
                        row.p999_us, row.max_us, row.count, row.thread);
  };
  for (const HopRow& row : report.hops) {
    add(row);
  }
  add(report.end_to_end);
  return text;
}

void add_row(std::vector<RowRun>& rows, const std::string& outcome) {
  const std::uint64_t index = rows.empty() ? 0 : rows.back().last + 1;
  if (!rows.empty() && rows.back().outcome == outcome) {
    rows.back().last = index;
  } else {
    rows.push_back({.first = index, .last = index, .outcome = outcome});
  }
}

}  // namespace takt::teleop
