#include "takt/robots/sim/sim_arm.hpp"

#include <cmath>
#include <ctime>
#include <limits>
#include <utility>

#include <semaphore.h>

#include "takt/core/error.hpp"
#include "takt/core/log.hpp"
#include "takt/core/time.hpp"

namespace takt::robots::sim {
namespace {

using control::Outcome;

constexpr core::Nanoseconds kPeriodNs = 1'000'000;
constexpr core::Nanoseconds kRecoverTimeoutNs = core::kNanosecondsPerSecond;  // twice the longest ramp to rest

}  // namespace

/// Wakes the waiting client: at most one wake-up is pending, posting never blocks, no lock is shared.
class SimArm::Signal {
 public:
  Signal() { sem_init(&semaphore_, 0, 0); }
  ~Signal() { sem_destroy(&semaphore_); }
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  void post() noexcept {
    int pending = 0;
    sem_getvalue(&semaphore_, &pending);
    if (pending == 0) {
      sem_post(&semaphore_);
    }
  }

  /// False when the deadline passed, or (rarely) a signal handler ran: the caller looks again anyway.
  bool wait_until(core::Nanoseconds deadline_ns) noexcept {
    const timespec deadline{.tv_sec = deadline_ns / core::kNanosecondsPerSecond,
                            .tv_nsec = deadline_ns % core::kNanosecondsPerSecond};
    return sem_clockwait(&semaphore_, CLOCK_MONOTONIC, &deadline) == 0;
  }

 private:
  sem_t semaphore_{};
};

SimArm::SimArm(control::ModelData data, SimArmOptions options)
    : data_(std::move(data)),
      options_(std::move(options)),
      side_(data_,
            {.start_rad = options_.start_rad, .strict = options_.strict, .missed_to_fault = options_.missed_to_fault}),
      virtual_now_ns_(options_.lockstep_start_ns),
      state_arrived_(std::make_unique<Signal>()) {
  if (options_.name.empty()) {
    options_.name = data_.name;
  }
}

SimArm::~SimArm() {
  stop();
}

core::Nanoseconds SimArm::period_ns() const noexcept {
  return kPeriodNs;
}

Outcome SimArm::start() noexcept {
  if (started_.load(std::memory_order_acquire)) {
    return Outcome::kInvalid;
  }
  last_sequence_ = side_.state().sequence;
  if (options_.pace == Pace::kRealtime) {
    try {
      thread_ = std::make_unique<realtime::RealtimeThread>(
          realtime::ThreadOptions{.name = ("sim." + options_.name).substr(0, 15),
                                  .fifo_priority = options_.fifo_priority},
          [this](const std::stop_token& stop) { run(stop); });
    } catch (const std::exception& error) {
      core::log(core::LogLevel::kError, "sim." + options_.name + " does not start: " + error.what());
      return Outcome::kDisconnected;
    }
  }
  started_.store(true, std::memory_order_release);
  return Outcome::kOk;
}

void SimArm::stop() noexcept {
  started_.store(false, std::memory_order_release);
  thread_.reset();
  brake_request_.store(BrakeRequest::kNone, std::memory_order_relaxed);
  side_.engage_brakes();
  braked_.store(true, std::memory_order_release);
}

Outcome SimArm::release_brakes() noexcept {
  if (!started_.load(std::memory_order_acquire)) {
    return Outcome::kNotReady;
  }
  if (fault() != ArmFault::kNone) {
    return Outcome::kFault;
  }
  brake_request_.store(BrakeRequest::kRelease, std::memory_order_release);
  return Outcome::kOk;
}

Outcome SimArm::engage_brakes() noexcept {
  if (!started_.load(std::memory_order_acquire)) {
    return Outcome::kOk;  // they are on
  }
  brake_request_.store(BrakeRequest::kEngage, std::memory_order_release);
  return Outcome::kOk;
}

Outcome SimArm::recover() noexcept {
  if (thread_ != nullptr) {
    recover_request_.store(true, std::memory_order_release);
    return wait_until_recovered();
  }
  while (!side_.recover()) {  // lock-step or stopped: the ramp to rest ends, for it is bounded
    if (side_.world().diverged()) {
      return Outcome::kFault;
    }
    side_.step({});
  }
  fault_.store(ArmFault::kNone, std::memory_order_release);
  return Outcome::kOk;
}

Outcome SimArm::wait_until_recovered() noexcept {
  const core::Nanoseconds deadline_ns = core::monotonic_now_ns() + kRecoverTimeoutNs;
  while (recover_request_.load(std::memory_order_acquire)) {
    const core::Nanoseconds now_ns = core::monotonic_now_ns();
    if (now_ns >= deadline_ns) {
      recover_request_.store(false, std::memory_order_relaxed);
      break;
    }
    core::steady_clock().sleep_until_ns(now_ns + kPeriodNs);
  }
  return well_or_fault();
}

Outcome SimArm::wait(control::ArmState& state) noexcept {
  if (!started_.load(std::memory_order_acquire)) {
    return Outcome::kNotReady;
  }
  return options_.pace == Pace::kLockstep ? wait_lockstep(state) : wait_realtime(state);
}

Outcome SimArm::wait_lockstep(control::ArmState& state) noexcept {
  for (unsigned i = 0; i < options_.wait_periods; ++i) {
    virtual_now_ns_ += kPeriodNs;
    period(true);
    if (publish(virtual_now_ns_)) {
      return deliver(state);
    }
  }
  return Outcome::kTimeout;
}

Outcome SimArm::wait_realtime(control::ArmState& state) noexcept {
  const core::Nanoseconds deadline_ns = core::monotonic_now_ns() + kPeriodNs * options_.wait_periods;
  do {
    if (const Outcome outcome = deliver(state); outcome != Outcome::kTimeout) {
      return outcome;
    }
    state_arrived_->wait_until(deadline_ns);
  } while (core::monotonic_now_ns() < deadline_ns);
  return deliver(state);
}

// kTimeout: nothing newer than what was delivered last.
Outcome SimArm::deliver(control::ArmState& state) noexcept {
  control::ArmState newest;
  if (!states_.try_load(newest) || newest.sequence <= last_sequence_) {  // an older one: from before a silence
    return Outcome::kTimeout;
  }
  last_sequence_ = newest.sequence;
  state = newest;
  return well_or_fault();
}

Outcome SimArm::well_or_fault() const noexcept {
  return fault() == ArmFault::kNone ? Outcome::kOk : Outcome::kFault;
}

Outcome SimArm::write(const control::ArmCommand& command) noexcept {
  const Outcome outcome = check(command);
  if (outcome == Outcome::kOk) {
    commands_.store({.tau_nm = command.tau_nm, .number = ++commands_written_});
  }
  return outcome;
}

Outcome SimArm::check(const control::ArmCommand& command) const noexcept {
  if (fault() != ArmFault::kNone) {
    return Outcome::kFault;
  }
  if (!started_.load(std::memory_order_acquire) || braked_.load(std::memory_order_acquire)) {
    return Outcome::kNotReady;
  }
  if (command.tau_nm.size() != data_.dof()) {
    return Outcome::kInvalid;
  }
  for (std::size_t i = 0; i < data_.dof(); ++i) {
    if (!(std::abs(command.tau_nm[i]) <= data_.joints[i].limits.torque_nm) || !std::isfinite(command.tau_nm[i])) {
      return Outcome::kInvalid;
    }
  }
  return Outcome::kOk;
}

void SimArm::inject_dropped_states(unsigned count) noexcept {
  drop_states_.set(count);
}

void SimArm::inject_nan_states(unsigned count) noexcept {
  nan_states_.set(count);
}

void SimArm::inject_silence(bool silent) noexcept {
  silent_.store(silent, std::memory_order_relaxed);
}

void SimArm::inject_error() noexcept {
  error_request_.store(true, std::memory_order_relaxed);
}

// What follows runs on the stepping thread.

void SimArm::run(const std::stop_token& stop) noexcept {
  core::Beat beat(core::monotonic_now_ns(), kPeriodNs);
  bool stalled_before = false;
  while (!stop.stop_requested()) {
    const core::Nanoseconds deadline_ns = beat.next_ns(core::monotonic_now_ns());
    core::steady_clock().sleep_until_ns(deadline_ns);
    const bool stalled = core::monotonic_now_ns() - deadline_ns > kPeriodNs / 2;
    period(!stalled && !stalled_before);  // after a stall the client has had less than a period, too
    publish(core::monotonic_now_ns());
    stalled_before = stalled;
  }
}

void SimArm::period(bool judged) noexcept {
  take_requests();
  TorqueDatagram datagram;
  const bool fresh = commands_.try_load(datagram) && datagram.number != commands_taken_;
  if (fresh) {
    commands_taken_ = datagram.number;  // also while the brakes are on: no old torque lies in wait for their release
  }
  const bool heard = fresh && !silent_.load(std::memory_order_relaxed);
  side_.step({.command = heard ? &datagram.tau_nm : nullptr, .judged = judged});
  braked_.store(side_.state().brakes_engaged, std::memory_order_release);
  fault_.store(side_.fault(), std::memory_order_release);
}

void SimArm::take_requests() noexcept {
  const BrakeRequest asked = brake_request_.exchange(BrakeRequest::kNone, std::memory_order_acq_rel);
  switch (silent_.load(std::memory_order_relaxed) ? BrakeRequest::kNone : asked) {
    case BrakeRequest::kRelease:
      side_.release_brakes();
      break;
    case BrakeRequest::kEngage:
      side_.engage_brakes();
      break;
    case BrakeRequest::kNone:
      break;
  }
  if (error_request_.exchange(false, std::memory_order_relaxed)) {
    side_.latch(ArmFault::kInjected);
  }
  if (recover_request_.load(std::memory_order_acquire) && side_.recover()) {
    fault_.store(ArmFault::kNone, std::memory_order_release);
    recover_request_.store(false, std::memory_order_release);
  }
}

// False when the state got lost on the way.
bool SimArm::publish(core::Nanoseconds stamp_ns) noexcept {
  if (silent_.load(std::memory_order_relaxed) || drop_states_.take()) {
    return false;
  }
  control::ArmState state = side_.state();
  state.stamp_ns = stamp_ns;
  if (nan_states_.take()) {
    state.q_rad[0] = std::numeric_limits<double>::quiet_NaN();
  }
  states_.store(state);
  state_arrived_->post();
  return true;
}

}  // namespace takt::robots::sim
