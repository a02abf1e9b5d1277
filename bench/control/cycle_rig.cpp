#include "cycle_rig.hpp"

#include <utility>

#include "takt/core/error.hpp"
#include "takt/robots/models/fr3.hpp"

#include "placement.hpp"

namespace takt::bench {

control::CycleOptions rig_options() {
  // Time is measured here; the friction of a bare FR3's last joint may hold operational space back by over 0.2 rad.
  return {.tracking_error_rad = 1.0, .fifo_priority = kFifoPriority, .cpu = asking_cpu()};
}

CycleRig::CycleRig(const Options& options) {
  watch_.busy_us.reserve(options.cycles);
  watch_.uses.reserve(options.cycles);
  watch_.gaps.reserve(options.cycles);
  const control::Model model(robots::models::fr3());
  cycle_ = std::make_unique<control::Cycle>(std::make_unique<BenchArm>(model.data(), BenchArm::Pace::kBeat, watch_),
                                            control::make_law(options.law, model), model, rig_options());
  watch_.look = [this] { return cycle_->state(); };
  cycle_->start();
}

void CycleRig::stop() {
  const control::FaultReport fault = cycle_->fault();
  cycle_->stop();
  if (fault.fault != control::Fault::kNone) {
    throw DeviceError("the cycle had a fault: " + control::describe(fault));
  }
}

LoopRig::LoopRig(const control::LawSettings& law, std::size_t cycles)
    : arm_(robots::models::fr3(), BenchArm::Pace::kAtOnce, watch_),
      model_(robots::models::fr3()),
      law_(control::make_law(law, model_)),
      loop_(arm_, *law_, model_, rig_options()) {
  static_cast<void>(arm_.start());
  constexpr int kAttempts = 1000;
  for (int i = 0; i < kAttempts && loop_.mode() != control::CycleMode::kHolding; ++i) {
    step();
  }
  if (loop_.mode() != control::CycleMode::kHolding) {
    throw DeviceError("the cycle did not come to hold its arm: " + control::describe(loop_.fault()));
  }
  watch_.busy_us.reserve(cycles);
}

void LoopRig::step() {
  const bool alive = loop_.run_once();
  arm_.end_cycle();
  if (const control::FaultReport fault = loop_.fault(); !alive || fault.fault != control::Fault::kNone) {
    throw DeviceError("the cycle has ended: " + control::describe(fault));
  }
}

}  // namespace takt::bench
