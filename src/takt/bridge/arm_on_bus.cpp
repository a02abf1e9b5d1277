#include "takt/bridge/arm_on_bus.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "takt/async/tasks/event.hpp"
#include "takt/async/tasks/mutex.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/control/target.hpp"
#include "takt/core/error.hpp"
#include "takt/core/log.hpp"

namespace takt::bridge {
namespace {

using control::CycleMode;
using control::JointPath;
using controller::ActionChunk;
using controller::RemoteController;
using namespace std::chrono_literals;

constexpr core::Nanoseconds kActionStep_ns = 50'000'000;
constexpr core::Nanoseconds kArrival_ns = core::kNanosecondsPerSecond / 2;  ///< for an arm that is behind its setpoint
constexpr double kArrived_rad = 0.05;                                       ///< a soft law lags behind its setpoint
constexpr async::Duration kRenewal = 500ms;

Joints joints_of(const RemoteController& arm) {
  Joints joints;
  for (const control::JointData& joint : arm.model().data().joints) {
    joints.names.push_back(joint.name);
    joints.limits.push_back(joint.limits);
  }
  return joints;
}

/// What of the path lies ahead of `now`, as much as goes into one chunk. The instants are the same for every chunk of a
/// path, so that one goes over into the next without a seam. Its end alone, when it lies behind.
ActionChunk chunk_of(const JointPath& path, core::Nanoseconds now_ns) {
  const core::Nanoseconds passed = std::max<core::Nanoseconds>(0, now_ns - path.begin_ns()) / kActionStep_ns;
  ActionChunk chunk;
  for (core::Nanoseconds due_ns = path.begin_ns() + (passed + 1) * kActionStep_ns;
       due_ns < path.end_ns() && chunk.actions.size() + 1 < control::kMaxActions; due_ns += kActionStep_ns) {
    chunk.actions.push_back({.due_ns = due_ns, .target = path.at(due_ns).q_rad});
  }
  const core::Nanoseconds last_ns =
      chunk.actions.empty() ? std::max(path.end_ns(), now_ns + kActionStep_ns) : path.end_ns();
  if (chunk.actions.empty() || last_ns - chunk.actions.back().due_ns <= kActionStep_ns) {
    chunk.actions.push_back({.due_ns = last_ns, .target = path.at(last_ns).q_rad});
  }
  return chunk;
}

}  // namespace

/// The arm as the bus's client of its server.
class ArmOnBus::Commanded final : public MovableRobot {
 public:
  Commanded(RemoteController& arm, node::Logger& logger, core::Clock& clock)
      : arm_(arm), logger_(logger), clock_(clock), joints_(joints_of(arm)) {}

  [[nodiscard]] const Joints& joints() const noexcept override { return joints_; }
  [[nodiscard]] std::optional<messages::RobotState> state() override;
  [[nodiscard]] std::optional<JointPath::Reference> standing() override;
  [[nodiscard]] async::Task<void> follow(Plan plan) override;
  [[nodiscard]] async::Task<bool> halt() override;

  /// Renews what is played, until it is cancelled.
  [[nodiscard]] async::Task<void> play();

 private:
  void set_out(const Plan& plan);
  [[nodiscard]] async::Task<void> play_on();
  [[nodiscard]] std::string shortfall(const JointPath& path);
  [[nodiscard]] bool is_on_its_way() const noexcept { return path_ && clock_.now_ns() < path_->end_ns() + kArrival_ns; }
  [[nodiscard]] async::Task<void> give_back();

  RemoteController& arm_;
  node::Logger& logger_;
  core::Clock& clock_;
  Joints joints_;
  async::Mutex turns_{"the arm's lease"};
  async::Event playing_{"a path to play"};
  std::optional<JointPath> path_;  ///< while this commands
};

std::optional<messages::RobotState> ArmOnBus::Commanded::state() {
  try {
    const control::CycleState cycle = arm_.state();
    if (cycle.mode == CycleMode::kStopped || cycle.cycle == 0) {
      return std::nullopt;
    }
    messages::RobotState state;
    state.stamp_ns = cycle.measured.stamp_ns;
    state.joint_positions = cycle.measured.q_rad;
    state.joint_velocities = cycle.measured.dq_rad_s;
    state.joint_efforts = cycle.measured.tau_nm;
    return state;
  } catch (const DeviceError&) {  // the server ends, and so will this
    return std::nullopt;
  }
}

std::optional<JointPath::Reference> ArmOnBus::Commanded::standing() {
  const control::CycleState cycle = arm_.state();
  if (cycle.mode == CycleMode::kStopped || cycle.cycle == 0) {
    return std::nullopt;
  }
  return JointPath::Reference{.q_rad = cycle.setpoint.q_rad, .dq_rad_s = cycle.setpoint.dq_rad_s};
}

async::Task<void> ArmOnBus::Commanded::follow(Plan plan) {
  const auto turn = co_await turns_.lock();
  const bool commands = path_.has_value();
  if (!commands) {
    co_await arm_.acquire(false);
  }
  std::exception_ptr refused;
  try {
    set_out(plan);
  } catch (...) {
    refused = std::current_exception();
  }
  if (refused) {
    if (!commands) {
      co_await give_back();
    }
    std::rethrow_exception(refused);
  }
}

/// @pre it commands
void ArmOnBus::Commanded::set_out(const Plan& plan) {
  const auto from = standing();
  if (!from) {
    throw TrajectoryError("where the robot stands is not known: it does not run");
  }
  JointPath path = plan(*from);
  arm_.play(chunk_of(path, clock_.now_ns()));
  path_ = std::move(path);
  playing_.set();
}

async::Task<bool> ArmOnBus::Commanded::halt() {
  const auto turn = co_await turns_.lock();  // one that is about to begin begins, and ends
  if (!path_) {
    co_return false;
  }
  arm_.halt();
  playing_.clear();
  path_.reset();
  co_await give_back();
  co_return true;
}

async::Task<void> ArmOnBus::Commanded::play() {
  while (true) {
    co_await playing_;
    std::string left;
    try {
      co_await play_on();
    } catch (const Error& error) {
      left = error.what();
    }
    const auto turn = co_await turns_.lock();
    if (!path_ || (left.empty() && is_on_its_way())) {  // halted; or along another one, which has come just now
      continue;
    }
    left = left.empty() ? shortfall(*path_) : left;
    playing_.clear();
    path_.reset();
    co_await give_back();
    if (!left.empty()) {
      logger_.log(core::LogLevel::kWarning, arm_.name() + ": left its trajectory: " + left);
    }
  }
}

/// What the arm lacks to its goal; "" when it is there.
std::string ArmOnBus::Commanded::shortfall(const JointPath& path) {
  const core::JointVector goal_rad = path.at(path.end_ns()).q_rad;
  const auto measured = state();
  for (std::size_t i = 0; i < goal_rad.size(); ++i) {
    const double at_rad = measured ? measured->joint_positions[i] : std::nan("");
    if (!(std::abs(at_rad - goal_rad[i]) <= kArrived_rad)) {
      return fmt::format("at its end {} is at {:.4f} rad, not at {:.4f}", joints_.names[i], at_rad, goal_rad[i]);
    }
  }
  return "";
}

/// @throws Error when somebody took over, or the arm refused what is ahead.
async::Task<void> ArmOnBus::Commanded::play_on() {
  while (is_on_its_way()) {
    co_await async::sleep_for(std::min(kRenewal, async::Duration(path_->end_ns() + kArrival_ns - clock_.now_ns())));
    if (path_ && clock_.now_ns() < path_->end_ns()) {
      arm_.play(chunk_of(*path_, clock_.now_ns()));
    }
  }
}

async::Task<void> ArmOnBus::Commanded::give_back() {
  try {
    co_await arm_.release();
  } catch (const DeviceError& error) {  // it is another's by now, or the server has gone
    core::log(core::LogLevel::kDebug, error.what());
  }
}

ArmOnBus::ArmOnBus(RemoteController& arm, std::shared_ptr<bus::Bus> network, core::Clock& clock)
    : node_(arm.name(), std::move(network)),
      arm_(std::make_unique<Commanded>(arm, node_.logger(), clock)),
      robot_(node_, arm.name(), *arm_, clock) {}

ArmOnBus::~ArmOnBus() = default;

async::Task<void> ArmOnBus::run() {
  co_await node::with_node(node_, [this] { return arm_->play(); });
}

async::Task<void> show_arm(std::string server, std::shared_ptr<bus::Bus> network) {
  try {
    controller::RemoteOptions options;
    options.observe = true;
    options.holder = "the bus";
    const auto arm = co_await RemoteController::connect(server, std::move(options));
    ArmOnBus on_bus(*arm, std::move(network));
    co_await on_bus.run();
  } catch (const std::exception& error) {  // Cancelled is none
    core::log(core::LogLevel::kError, server + " is not on its bus any more: " + error.what());
  }
}

}  // namespace takt::bridge
