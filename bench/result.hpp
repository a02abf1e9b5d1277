#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace takt::bench {

/// One measured number, beside what was measured for comparison in the same run.
struct Figure {
  std::string name;
  double value{0.0};
  std::string unit;
  std::optional<double> baseline{};  ///< in the same unit
  std::optional<double> ratio{};     ///< baseline / value: how many times better takt is; below 1 it is worse
  std::optional<std::string> goal{};
  std::optional<double> best{};                            ///< of the slices; value is their median
  std::optional<std::array<double, 2>> ratio_quartiles{};  ///< half of the slices' ratios lie between them
};

/// What a bench program found out.
struct Result {
  std::string bench;
  std::vector<Figure> figures;
  std::vector<std::string> notes;  ///< how it was measured, what is included
};

/// A readable table and the notes on standard output.
void print(const Result& result);

/// Writes the figures as JSON for scripts/bench_result.py, which adds machine, compiler and commit.
/// @throws SystemError when the file cannot be written.
void write(const Result& result, const std::string& path);

/// The end of every bench program: prints, and writes to the file that the command line names, if it names one
/// (`PROGRAM [--out] FILE`). @return the exit status.
[[nodiscard]] int report(const Result& result, int argc, char** argv);

}  // namespace takt::bench
