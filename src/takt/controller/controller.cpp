#include "takt/controller/controller.hpp"

#include <utility>

#include <fmt/core.h>

#include "takt/async/offload.hpp"
#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/controller/internal/evidence_keeper.hpp"
#include "takt/controller/internal/move.hpp"
#include "takt/core/error.hpp"
#include "takt/core/time.hpp"

// Whoever starts, stops or changes something holds requests_, so that the cycle sees one request at a time. What
// blocks, the cycle's start and stop and the writing of evidence, is offloaded meanwhile.

namespace takt::controller {
namespace {

using control::CycleMode;

constexpr double kStopAfter_s = 2.0;
constexpr auto kLook = std::chrono::milliseconds(1);

control::Model model_of(const control::Arm* arm, const ControllerOptions& options) {
  if (arm == nullptr) {
    throw LogicError("Controller: there is no arm");
  }
  control::Model model(arm->model_data());
  model.set_tool(options.X_FE);
  if (options.payload_F) {
    model.set_payload(*options.payload_F);
  }
  return model;
}

ControllerOptions checked(ControllerOptions options) {
  if (options.valid_for <= Duration::zero()) {
    throw LogicError(
        fmt::format("Controller: targets are valid for {} ns; more than 0 is needed", options.valid_for.count()));
  }
  return options;
}

}  // namespace

control::CycleOptions default_cycle() noexcept {
  control::CycleOptions cycle;
  cycle.freshness.stop_after_s = cycle.freshness.halt_after_s + kStopAfter_s;
  return cycle;
}

Controller::Controller(std::unique_ptr<control::Arm> arm, ControllerOptions options)
    : name_(arm != nullptr ? arm->name() : ""),
      options_(checked(std::move(options))),
      model_(model_of(arm.get(), options_)),
      cycle_(std::move(arm), control::make_law(options_.law, model_), model_, options_.cycle, options_.ports),
      bounds_(internal::bounds_of(model_.data(), options_.cycle, cycle_.lowest_rad(), cycle_.highest_rad())),
      check_(internal::TargetCheck(model_, bounds_)),
      evidence_(std::make_unique<internal::EvidenceKeeper>(options_.evidence_folder, name_, cycle_)) {}

Controller::~Controller() {
  cycle_.stop();
  evidence_->save();
}

async::Task<void> Controller::start() {
  return begin(false);
}

async::Task<void> Controller::recover() {
  return begin(true);
}

async::Task<void> Controller::begin(bool recovering) {
  const auto turn = co_await requests_.lock();
  control::FaultReport found = cycle_.fault();
  if (recovering || found.fault == control::Fault::kNone) {
    try {
      co_await async::offload([this, recovering] {
        if (recovering) {
          cycle_.stop();  // with it the evidence is complete
          evidence_->save();
          cycle_.recover();
        } else {
          cycle_.start();
        }
      });
      found = {};
    } catch (const DeviceError&) {
      found = cycle_.fault();
      if (found.fault == control::Fault::kNone) {
        throw;
      }
    }
  }
  if (found.fault != control::Fault::kNone) {
    save_evidence();
    throw fault_error(name_, found);
  }
  if (async::cancelled()) {  // nobody is there to lead what was started
    async::CancelScope uninterrupted({.shielded = true});
    static_cast<void>(co_await uninterrupted.run(end()));
    co_await async::checkpoint();
  }
}

async::Task<void> Controller::stop() {
  const auto in_turn = [this]() -> async::Task<void> {
    const auto turn = co_await requests_.lock();
    co_await end();
  };
  async::CancelScope uninterrupted({.shielded = true});
  static_cast<void>(co_await uninterrupted.run(in_turn()));
}

async::Task<void> Controller::end() {
  co_await async::offload([this] {
    cycle_.stop();
    evidence_->save();
  });
}

async::Task<void> Controller::move(Target target, MoveOptions options) {
  co_await async::checkpoint();  // in a cancelled scope the arm does not begin to move
  const internal::Goal goal = submit_move(target, options);
  co_await internal::await_arrival(*this, goal, options, [this] { require_lease(); });
}

internal::Goal Controller::submit_move(const Target& target, const MoveOptions& options) {
  require_ready();
  const control::CycleState state = cycle_.state();
  const control::Command command = check_.read()->move(target, options, moment(state));
  submit(command);
  return internal::goal_of(command, state);
}

async::Task<void> Controller::use(control::LawSettings law) {
  const auto turn = co_await requests_.lock();
  cycle_.use(control::make_law(law, model_));
  co_await taken_up();
}

async::Task<void> Controller::use_law(std::unique_ptr<control::Law> law) {
  const auto turn = co_await requests_.lock();
  cycle_.use(std::move(law));
  co_await taken_up();
}

async::Task<void> Controller::set_tool(core::Pose X_FE) {
  const auto turn = co_await requests_.lock();
  control::Model changed = model_;
  changed.set_tool(X_FE);
  co_await believe(std::move(changed));
}

async::Task<void> Controller::set_payload(control::LinkInertia payload_F) {
  const auto turn = co_await requests_.lock();
  control::Model changed = model_;
  changed.set_payload(payload_F);
  co_await believe(std::move(changed));
}

async::Task<void> Controller::believe(control::Model model) {
  internal::TargetCheck check(model, bounds_);
  while (!check_.try_replace(check)) {  // somebody is still in a set() that began before the last change
    co_await async::sleep_for(kLook);
  }
  cycle_.set_model(model);
  model_ = std::move(model);
  co_await taken_up();
}

// What was given to the cycle is in use from the next one on that begins, at the latest the one after the present.
async::Task<void> Controller::taken_up() {
  save_evidence();
  const std::uint64_t given = cycle_.state().cycle;
  const auto runs = [this] { return cycle_.mode() != CycleMode::kStopped && cycle_.mode() != CycleMode::kFaulted; };
  while (runs() && cycle_.state().cycle < given + 2) {
    co_await async::sleep_for(kLook);
  }
}

void Controller::set(const Target& target, TargetOptions options) {
  require_ready();
  const control::CycleState state = cycle_.state();
  submit(check_.read()->target(target, options, moment(state)));
}

void Controller::play(const ActionChunk& chunk, TargetOptions options) {
  require_ready();
  const control::CycleState state = cycle_.state();
  submit(check_.read()->chunk(chunk, options, moment(state)));
}

control::CycleState Controller::state() const {
  const CycleMode mode = cycle_.mode();
  control::CycleState newest = cycle_.state();
  if (mode == CycleMode::kStopped) {
    newest.mode = mode;  // the last cycle of a run cannot say that there is no other
  }
  return newest;
}

void Controller::require_ready() const {
  if (const control::FaultReport latched = cycle_.fault(); latched.fault != control::Fault::kNone) {
    save_evidence();
    throw fault_error(name_, latched);
  }
  if (cycle_.mode() == CycleMode::kStopped) {
    throw NotRunningError(name_ + " is not started: start() comes first");
  }
  require_lease();
}

void Controller::require_lease() const {
  control::Lease* lease = options_.ports.lease;
  if (lease == nullptr || lease->admits(epoch_.load(std::memory_order_acquire), now_ns())) {
    return;
  }
  const auto holder = lease->holder(now_ns());
  throw NotCommanderError(holder ? fmt::format("{} is commanded by {}", name_, holder->name.view())
                                 : name_ + " is commanded by nobody: the lease has to be acquired first");
}

core::Nanoseconds Controller::now_ns() const noexcept {
  return (options_.cycle.clock != nullptr ? *options_.cycle.clock : core::steady_clock()).now_ns();
}

internal::Moment Controller::moment(const control::CycleState& state) const noexcept {
  return {.now_ns = now_ns(),
          .valid_for = options_.valid_for,
          .epoch = epoch_.load(std::memory_order_acquire),
          .state = state};
}

void Controller::submit(const control::Command& command) {
  switch (cycle_.submit(command)) {
    case control::Outcome::kOk:
      return;
    case control::Outcome::kNotReady:
      throw NotRunningError(name_ + " is not started: start() comes first");
    case control::Outcome::kFault:
      throw fault_error(name_, cycle_.fault());
    default:
      throw TargetError(Refusal::kTime, name_ + ": the cycle takes no command stamped " +
                                            std::to_string(command.terms.stamp_ns) +
                                            " ns: the arm's clock is another one, or far behind");
  }
}

async::Task<std::vector<control::CycleState>> Controller::evidence() {
  const auto turn = co_await requests_.lock();
  auto cycles = co_await async::offload([this] {
    evidence_->save();
    return cycle_.evidence();
  });
  co_return cycles;
}

bool Controller::save_evidence() const noexcept {
  return evidence_->begin();
}

async::Every::Waiter Controller::pace(Frequency frequency) {
  save_evidence();
  return pacer_.next(frequency);
}

}  // namespace takt::controller
