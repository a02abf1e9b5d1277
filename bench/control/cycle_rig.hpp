#pragma once

#include <cstddef>
#include <memory>

#include "takt/control/cycle.hpp"
#include "takt/control/cycle_loop.hpp"
#include "takt/control/laws/settings.hpp"

#include "bench_arm.hpp"

namespace takt::bench {

/// Options of all cycles here: evidence as by default, on the asking CPU, SCHED_FIFO at cyclictest's priority where
/// permitted.
[[nodiscard]] control::CycleOptions rig_options();

/// A Cycle at 1 kHz over a BenchArm with an FR3's data, held at home. A resource.
class CycleRig {
 public:
  struct Options {
    control::LawSettings law{control::JointImpedance{}};
    std::size_t cycles{0};  ///< room for so many in the watch
  };
  /// @throws Error when the cycle does not start.
  explicit CycleRig(const Options& options);

  [[nodiscard]] control::Cycle& cycle() noexcept { return *cycle_; }
  [[nodiscard]] const CycleWatch& watch() const noexcept { return watch_; }

  /// Ends the cycle. @throws DeviceError when it had a fault.
  void stop();

 private:
  CycleWatch watch_;
  std::unique_ptr<control::Cycle> cycle_;
};

/// The same arm and cycle without a thread and without waiting, stepped by the caller. A resource.
class LoopRig {
 public:
  /// Runs until the arm is held. @throws DeviceError when that does not come.
  explicit LoopRig(const control::LawSettings& law, std::size_t cycles);

  /// One cycle, watched. @throws DeviceError when the cycle has ended or has a fault.
  void step();

  [[nodiscard]] control::CycleLoop& loop() noexcept { return loop_; }
  [[nodiscard]] const control::Model& model() const noexcept { return model_; }
  [[nodiscard]] control::Law& law() noexcept { return *law_; }
  [[nodiscard]] CycleWatch& watch() noexcept { return watch_; }

 private:
  CycleWatch watch_;
  BenchArm arm_;
  control::Model model_;
  std::unique_ptr<control::Law> law_;
  control::CycleLoop loop_;
};

}  // namespace takt::bench
