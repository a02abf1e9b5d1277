// What does recording cost beside a bare write, and reading beside a bare read? One file per question in record/.
//
//   record_bench [--quick] [--out] [FILE.json]       --quick: a look at all rows within a quarter of a minute

#include <exception>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <unistd.h>

#include "record/questions.hpp"

namespace takt::bench {
namespace {

/// Whatever should hang, the bench does not: the alarm ends it.
constexpr unsigned kQuickLimit_s = 120;
constexpr unsigned kLimit_s = 900;

Result run(const RecordPlan& plan) {
  Result result{.bench = "record", .figures = {}, .notes = {}};
  // First: gigabytes of files keep the kernel busy with its memory long afterwards.
  ask_stall(result, plan);
  ask_throughput(result, plan);
  ask_seek(result, plan);
  return result;
}

}  // namespace
}  // namespace takt::bench

int main(int argc, char** argv) {
  std::vector<char*> arguments(argv, argv + argc);
  const bool quick = std::erase_if(arguments, [](std::string_view word) { return word == "--quick"; }) > 0;
  alarm(quick ? takt::bench::kQuickLimit_s : takt::bench::kLimit_s);
  try {
    return takt::bench::report(takt::bench::run(quick ? takt::bench::quick_record_plan() : takt::bench::RecordPlan{}),
                               static_cast<int>(arguments.size()), arguments.data());
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
