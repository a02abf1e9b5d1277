#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/async/tasks/task.hpp"
#include "takt/controller/arm_controller.hpp"
#include "takt/controller/controller.hpp"
#include "takt/controller/test/test_arm.hpp"

/// What the contract suites (requests_contract.hpp, targets_contract.hpp, refusals_contract.hpp) run over. An
/// implementation of ArmController says how it is made, a rig:
///
///   struct Rig {
///     static async::Task<void> run(TestWorld& world, ControllerOptions options,
///                                  std::function<async::Task<void>(ArmController&)> body);
///   };
///   INSTANTIATE_TYPED_TEST_SUITE_P(InProcess, RequestsContract, InProcessRig);
///
/// which makes a controller of a TestArm in that world, runs the body on the loop that it is called on, and ends the
/// controller when the body has ended or thrown.
namespace takt::controller::testing {

using namespace std::chrono_literals;
using async::Task;
using control::CycleMode;
using control::CycleState;
using control::Fault;
using Body = std::function<Task<void>(ArmController&)>;

/// Targets stay good for long: the world's time runs faster than the test's.
inline ControllerOptions test_options(TestWorld& world) {
  ControllerOptions options;
  options.valid_for = 10h;
  options.cycle.fifo_priority = std::nullopt;
  options.cycle.lock_memory = false;
  options.cycle.low_wake_latency = false;
  options.cycle.evidence_cycles = 400;
  options.cycle.clock = &world.clock;
  return options;
}

inline core::JointVector home() {
  return core::JointVector(std::span<const double>(test_model_data().home_rad));
}

/// Home with this at joint 1.
inline core::JointVector home_but(double q1_rad) {
  core::JointVector q_rad = home();
  q_rad[0] = q1_rad;
  return q_rad;
}

/// The message of the E that the task throws; a failure when it throws nothing or something else.
template <class E, class T>
Task<std::string> error_of(Task<T> task) {
  try {
    static_cast<void>(co_await std::move(task));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const E& error) {
    co_return error.what();
  }
  co_return std::string();
}
template <class E>
Task<std::string> error_of(Task<void> task) {
  try {
    co_await std::move(task);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const E& error) {
    co_return error.what();
  }
  co_return std::string();
}

/// Waits until `condition()`, on the loop; tests have a time limit as a whole.
template <class F>
Task<void> until(F condition) {
  while (!condition()) {
    co_await async::sleep_for(1ms);
  }
}

/// Waits until so many cycles more have run.
inline Task<void> cycles(const ArmController& arm, std::uint64_t count) {
  const std::uint64_t from = arm.state().cycle;
  co_await until([&arm, from, count] { return arm.state().cycle >= from + count; });
}

template <class Rig>
class ControllerContract : public ::testing::Test {
 protected:
  ControllerContract() : options(test_options(world)) {}

  void run(Body body) {
    async::EventLoop loop;
    loop.run(Rig::run(world, options, std::move(body)));
  }
  /// With the arm started.
  void run_started(Body body) {
    run([&body](ArmController& arm) -> Task<void> {
      co_await arm.start();
      co_await body(arm);
    });
  }

  TestWorld world;
  ControllerOptions options;
};

/// A Controller on the test's own loop.
struct InProcessRig {
  static Task<void> run(TestWorld& world, ControllerOptions options, Body body) {
    Controller controller(std::make_unique<TestArm>(world), std::move(options));
    co_await body(controller);
  }
};

}  // namespace takt::controller::testing
