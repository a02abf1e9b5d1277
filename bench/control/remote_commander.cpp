#include "remote_commander.hpp"

#include <chrono>
#include <cstddef>
#include <exception>
#include <new>
#include <random>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/controller/remote_controller.hpp"
#include "takt/core/error.hpp"

#include "placement.hpp"

namespace takt::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBatch = 50;
constexpr auto kValidFor = 60s;  // it is not freshness that is measured

/// So that the phases of the cycle are met at random, and no command is overtaken by the next one.
void pause_at_random(std::mt19937& random) {
  std::uniform_int_distribution<core::Nanoseconds> pause_ns(1'200'000, 3'200'000);
  core::steady_clock().sleep_until_ns(core::monotonic_now_ns() + pause_ns(random));
}

Latency cost_of(int batches, const auto& work) {
  std::vector<double> cost_us;
  for (int i = 0; i < batches; ++i) {
    cost_us.push_back(batch_ns(kBatch, work) * 1e-3);
  }
  return latency_of(cost_us);
}

std::string server_of(pid_t process) {
  return "bench-" + std::to_string(process);
}

async::Task<void> command_there(std::string server, Commanding commanding, CallCosts* costs) {
  const auto controller = co_await controller::RemoteController::connect(std::move(server));
  co_await controller->start();
  *costs = command(*controller, commanding);
}

}  // namespace

CallCosts command(controller::ArmController& controller, const Commanding& commanding) {
  const PinnedTo pinned(working_cpu());
  const controller::Target target(core::JointVector(controller.model().data().home_rad));
  std::mt19937 random(7);
  for (int i = 0; i < commanding.sets; ++i) {
    pause_at_random(random);
    controller.set(target, {.valid_for = kValidFor, .stamp_ns = core::monotonic_now_ns()});
  }
  control::CycleState seen;
  const auto load = [&] { seen = controller.state(); };
  CallCosts costs = {.set = cost_of(commanding.batches, [&] { controller.set(target, {.valid_for = kValidFor}); }),
                     .state = cost_of(commanding.batches, load)};
  std::vector<double> cold_us;
  for (int i = 0; i < commanding.batches; ++i) {
    pause_at_random(random);
    cold_us.push_back(batch_ns(1, load) * 1e-3);
  }
  costs.cold_state = latency_of(cold_us);
  return costs;
}

struct RemoteCommander::Segment {
  Commanding commanding{};
  CallCosts costs{};
  std::array<char, 256> error{};

  /// In the child.
  void serve() {
    error = {};
    try {
      async::EventLoop().run(command_there(server_of(getppid()), commanding, &costs));
    } catch (const std::exception& failure) {
      std::string_view(failure.what()).copy(error.data(), error.size() - 1);
    }
  }
};

RemoteCommander::RemoteCommander()
    : memory_(core::SharedMemory::create("takt-bench", sizeof(Segment))),
      child_([made = new(memory_.data()) Segment](std::uint32_t /*question*/) { made->serve(); }) {}

RemoteCommander::Segment& RemoteCommander::segment() noexcept {
  return *std::launder(static_cast<Segment*>(memory_.data()));
}

std::string RemoteCommander::server_name() {
  return server_of(getpid());
}

CallCosts RemoteCommander::command(const Commanding& commanding) {
  segment().commanding = commanding;
  child_.ask(0);
  if (segment().error[0] != '\0') {
    throw SystemError(std::string("the commander in another process: ") + segment().error.data());
  }
  return segment().costs;
}

}  // namespace takt::bench
