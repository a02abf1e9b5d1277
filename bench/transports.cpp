// What does a message cost, in one process and between two, beside the bare libraries? One file per question in
// transports/.
//
//   transports_bench [--quick] [--out] [FILE.json]       --quick: a look at all rows within a quarter of a minute

#include <exception>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <unistd.h>

#include "transports/questions.hpp"

namespace takt::bench {
namespace {

/// Whatever should hang, the bench does not: the alarm ends it, and its child ends with it.
constexpr unsigned kQuickLimit_s = 120;
constexpr unsigned kLimit_s = 900;

Result run(const Plan& plan) {
  OneWay ways(all_ways());  // forks, before anything here starts a thread
  Result result{.bench = "transports", .figures = {}, .notes = {}};
  ask_in_process(result, plan);
  ask_links(result, plan, ways);
  return result;
}

}  // namespace
}  // namespace takt::bench

int main(int argc, char** argv) {
  std::vector<char*> arguments(argv, argv + argc);
  const bool quick = std::erase_if(arguments, [](std::string_view word) { return word == "--quick"; }) > 0;
  alarm(quick ? takt::bench::kQuickLimit_s : takt::bench::kLimit_s);
  try {
    return takt::bench::report(takt::bench::run(quick ? takt::bench::quick_plan() : takt::bench::Plan{}),
                               static_cast<int>(arguments.size()), arguments.data());
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
