#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "takt/control/arm.hpp"
#include "takt/control/cycle_state.hpp"
#include "takt/control/laws/offline_arm.hpp"
#include "takt/core/time.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::bench {

/// When the torque that used a command first was written.
struct CommandUse {
  core::Nanoseconds stamp_ns{0};  ///< the command's own
  core::Nanoseconds written_ns{0};
};

/// From one command to the next.
struct Gap {
  core::Nanoseconds from_ns{0};
  core::Nanoseconds to_ns{0};
};

/// What a BenchArm sees of its cycle, from each wait() returning until the next one begins: all that the cycle does but
/// waiting. Vectors take as many as room was reserved for. Outlives the arm; written on the cycle's thread, read when
/// that has ended.
struct CycleWatch {
  std::function<control::CycleState()> look;  ///< the cycle's state; none: neither uses nor gaps. Set before its start
  std::uint64_t allocations{0};               ///< of the cycle's thread
  std::vector<double> busy_us;
  std::vector<CommandUse> uses;
  std::vector<Gap> gaps;
};

/// The arm of the measurements, without a thread of its own: wait() lets the arm's equations move by a millisecond and
/// then sleeps until the next beat by clock_nanosleep(TIMER_ABSTIME), as cyclictest does, or not at all. A state is
/// stamped with its beat, so that the cycle's wake lateness is what cyclictest calls latency.
///
/// After a stall of the host its time goes on with the next beat, and no state counts as lost.
class BenchArm final : public control::Arm {
 public:
  enum class Pace : std::uint8_t {
    kBeat,    ///< 1 kHz of CLOCK_MONOTONIC
    kAtOnce,  ///< a millisecond of virtual time per wait
  };

  BenchArm(control::ModelData data, Pace pace, CycleWatch& watch);

  [[nodiscard]] std::string_view name() const noexcept override { return "bench"; }
  [[nodiscard]] const control::ModelData& model_data() const noexcept override { return plant_.model().data(); }
  [[nodiscard]] core::Nanoseconds period_ns() const noexcept override { return kPeriod_ns; }
  [[nodiscard]] control::Outcome start() noexcept override;
  void stop() noexcept override { braked_ = true; }
  [[nodiscard]] control::Outcome release_brakes() noexcept override;
  [[nodiscard]] control::Outcome engage_brakes() noexcept override;
  [[nodiscard]] control::Outcome recover() noexcept override { return control::Outcome::kOk; }
  [[nodiscard]] control::Outcome wait(control::ArmState& state) noexcept override;
  [[nodiscard]] control::Outcome write(const control::ArmCommand& command) noexcept override;

  /// What comes from here on is no part of the cycle. The next wait() does that, too.
  void end_cycle() noexcept;

 private:
  static constexpr core::Nanoseconds kPeriod_ns = 1'000'000;

  void look_at(const control::CycleState& seen) noexcept;

  Pace pace_;
  CycleWatch& watch_;
  control::OfflineArm plant_;
  core::JointVector tau_nm_;
  std::optional<core::Beat> beat_;
  core::Nanoseconds stamp_ns_{0};
  std::uint64_t sequence_{0};
  bool braked_{true};
  std::optional<testing::AllocationGuard> guard_;  // from here on: the cycle that is going on
  core::Nanoseconds began_ns_{0};
  core::Nanoseconds last_used_ns_{0};
  core::Nanoseconds last_written_ns_{0};
};

}  // namespace takt::bench
