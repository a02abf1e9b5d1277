#include "roles.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <utility>

#include <fmt/core.h>

#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/run.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/controller/remote_controller.hpp"
#include "takt/controller/server.hpp"
#include "takt/core/time.hpp"
#include "takt/robots/models/fr3.hpp"
#include "takt/robots/sim/sim_arm.hpp"

namespace takt::test {
namespace {

using async::Task;
using controller::RemoteController;
using controller::Server;
using robots::sim::SimArm;
using namespace std::chrono_literals;

std::atomic<int> nan_signals{0};
std::atomic<int> silence_signals{0};
static_assert(std::atomic<int>::is_always_lock_free);

void catch_signals() {
  struct sigaction action{};
  action.sa_handler = [](int) { ++nan_signals; };
  sigaction(SIGUSR1, &action, nullptr);
  action.sa_handler = [](int) { ++silence_signals; };
  sigaction(SIGUSR2, &action, nullptr);
}

Task<void> obey_signals(SimArm& arm) {
  int nans = 0;
  while (true) {
    co_await async::sleep_for(2ms);
    if (const int asked = nan_signals.load(); asked != nans) {
      nans = asked;
      arm.inject_nan_states(1);
    }
    arm.inject_silence(silence_signals.load() % 2 != 0);
  }
}

void say(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

Task<void> serve_until_the_end(std::string name) {
  auto arm = std::make_unique<SimArm>(robots::models::fr3(), robots::sim::SimArmOptions{.missed_to_fault = 200});
  SimArm& simulated = *arm;
  controller::ServerOptions options{.name = std::move(name)};
  options.controller.cycle.evidence_cycles = 500;
  options.controller.cycle.lock_memory = false;
  options.controller.cycle.max_timeouts = 10;  // the host may take the simulation's processor
  Server server(std::move(arm), std::move(options));
  co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
    nursery.start("signals", obey_signals(simulated));
    say("ready");
    co_await server.run();
    co_return async::kCancel;
  });
}

Task<std::unique_ptr<RemoteController>> take_command(std::string name) {
  auto arm = co_await RemoteController::connect(std::move(name), {.take_over = true});
  if (arm->fault().fault != control::Fault::kNone) {
    co_await arm->recover();
  } else if (arm->state().mode == control::CycleMode::kStopped) {
    co_await arm->start();
  }
  co_return std::move(arm);
}

Task<int> stream_until_the_end(std::string name) {
  try {
    const auto arm = co_await take_command(std::move(name));
    core::JointVector q_rad = arm->state().setpoint.q_rad;
    const double q0_rad = q_rad[0];
    say("ready");
    for (std::uint64_t k = 0;; ++k) {
      q_rad[0] = q0_rad + (k / 50'000 % 2 == 0 ? 0.3 : -0.3);
      arm->set(q_rad);
    }
  } catch (const controller::ServerDiedError&) {
    say(std::to_string(core::monotonic_now_ns()));
  }
  co_return 0;
}

Task<int> ask_until_the_end(std::string name) {
  try {
    const auto arm = co_await take_command(std::move(name));
    say("ready");
    core::Pose X_FE = core::Pose::Identity();
    while (true) {
      X_FE.translation().z() = X_FE.translation().z() > 0.1 ? 0.0 : X_FE.translation().z() + 0.01;
      co_await arm->set_tool(X_FE);
      co_await arm->use(control::JointImpedance{});
      static_cast<void>(co_await arm->evidence());
      co_await arm->acquire(true);
    }
  } catch (const controller::ServerDiedError&) {
    co_return 0;  // as it was to be
  }
}

}  // namespace

int serve(const std::string& name) {
  catch_signals();
  return async::run(serve_until_the_end(name));
}

int stream(const std::string& name) {
  return async::run(stream_until_the_end(name));
}

int ask(const std::string& name) {
  return async::run(ask_until_the_end(name));
}

}  // namespace takt::test
