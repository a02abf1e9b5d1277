// What do nodes cost on DDS, beside Cyclone DDS and Asio by hand? One file per question in nodes/.
//
//   nodes_bench [--quick] [--out] [FILE.json]       --quick: a look at all rows within a quarter of a minute

#include <exception>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <unistd.h>

#include "nodes/questions.hpp"
#include "nodes/ways.hpp"

namespace takt::bench {
namespace {

/// Whatever should hang, the bench does not: the alarm ends it, and its children end with it.
constexpr unsigned kQuickLimit_s = 120;
constexpr unsigned kLimit_s = 900;

/// The children are forked before anything here starts a thread.
Result run(const Plan& plan) {
  const Domains domains = own_domains();
  OneWay ways({node_way(domains.takt), bare_way(domains.bare)});
  LoadChildren load(domains);
  EchoChild echo(domains);
  Result result{.bench = "nodes", .figures = {}, .notes = {}};
  ask_load(result, plan, domains, load);
  ask_latency(result, plan, ways);
  ask_round_trip(result, plan, domains, echo);
  ask_jitter(result, plan);
  ask_flood(result, plan, domains);
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
