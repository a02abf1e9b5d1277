// What does a call on another thread cost, there and back?

#include "condition_ping_pong.hpp"
#include "questions.hpp"

namespace takt::bench {
namespace {

constexpr int kRoundTrips = 2000;
constexpr int kPythonRoundTrips = 500;

}  // namespace

void ask_round_trip(Result& result, PythonPeer& python) {
  ConditionPingPong condition;
  const auto condition_side = [&] { return condition.round_trips(kRoundTrips); };
  const auto python_side = [&] { return python.run("executor_round_trip", kPythonRoundTrips); };
  static_cast<void>(alternate(1, condition_side, python_side));  // warm
  const auto [of_condition, of_python] = alternate(kSlices, condition_side, python_side);
  add_alone(result, "condition variable: round trip to another thread", of_condition);
  add_alone(result, "Python asyncio: run_in_executor round trip", of_python);
}

}  // namespace takt::bench
