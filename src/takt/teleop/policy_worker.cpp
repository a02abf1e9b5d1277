#include "takt/teleop/policy_worker.hpp"

#include <exception>
#include <string>
#include <utility>

#include "takt/core/error.hpp"
#include "takt/core/log.hpp"

namespace takt::teleop {
namespace {

core::Nanoseconds period_of(double rate_hz) {
  if (!(rate_hz > 0.0)) {
    throw LogicError("PolicyWorker: rate_hz must be positive, is " + std::to_string(rate_hz));
  }
  return core::from_seconds(1.0 / rate_hz);
}

}  // namespace

PolicyWorker::PolicyWorker(Orchestrator& orchestrator, std::size_t pair, double rate_hz, Policy policy)
    : orchestrator_(orchestrator),
      pair_(pair),
      period_ns_(period_of(rate_hz)),
      policy_(std::move(policy)),
      thread_({.name = ("policy." + orchestrator.follower(pair).name()).substr(0, 15)},
              [this](const std::stop_token& stop) { run(stop); }) {}

void PolicyWorker::run(const std::stop_token& stop) {
  core::Clock& clock = core::steady_clock();
  core::Beat beat(clock.now_ns(), period_ns_);
  core::RateGate gate;
  while (!stop.stop_requested()) {
    clock.sleep_until_ns(beat.next_ns(clock.now_ns()));
    if (orchestrator_.mode() != ControlMode::kPolicy) {
      continue;
    }
    try {
      act();
    } catch (const std::exception& error) {
      failures_.fetch_add(1, std::memory_order_relaxed);
      if (gate.pass(clock.now_ns())) {
        core::log(core::LogLevel::kError, std::string("policy threw: ") + error.what());
      }
    }
  }
}

void PolicyWorker::act() {
  RobotNode& follower = orchestrator_.follower(pair_);
  const auto observation = follower.state_topic().latest();
  messages::RobotState action;
  if (!observation || !policy_(*observation, action)) {
    return;
  }
  action.stamp_ns = core::monotonic_now_ns();
  action.trace_id = messages::next_trace_id();
  action.hops.clear();
  messages::stamp_hop(action, messages::HopPoint::kGotState);
  orchestrator_.submit_policy_action(pair_, action);
  actions_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace takt::teleop
