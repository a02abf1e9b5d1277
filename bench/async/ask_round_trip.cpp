// What does a call on another thread cost, there and back?

#include "condition_ping_pong.hpp"
#include "questions.hpp"
#include "takt_calls.hpp"

namespace takt::bench {
namespace {

constexpr int kRoundTrips = 2000;
constexpr int kPythonRoundTrips = 500;
constexpr const char* kGoal = "<= 1.3 × baseline";

}  // namespace

void ask_round_trip(Result& result, PythonPeer& python) {
  ConditionPingPong condition;
  const auto offload_side = [] { return offload_round_trips(kRoundTrips); };
  const auto inference_side = [] { return inference_round_trips(kRoundTrips); };
  const auto condition_side = [&] { return condition.round_trips(kRoundTrips); };
  const auto python_side = [&] { return python.run("executor_round_trip", kPythonRoundTrips); };
  static_cast<void>(alternate(1, offload_side, condition_side, inference_side, python_side));  // warm
  const auto [of_offload, of_condition, of_inference, of_python] =
      alternate(kSlices, offload_side, condition_side, inference_side, python_side);
  add_compared(result, "offload: round trip", "condition variable to a thread and back", of_offload, of_condition,
               {.p50 = kGoal, .p99 = kGoal});
  add_compared(result, "InferenceThread::run: round trip", "condition variable to a thread and back", of_inference,
               of_condition, {.p50 = kGoal, .p99 = kGoal});
  add_alone(result, "Python asyncio: run_in_executor round trip", of_python);
}

}  // namespace takt::bench
