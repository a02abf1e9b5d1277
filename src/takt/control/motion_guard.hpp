#pragma once

#include <optional>

#include "takt/control/cycle_options.hpp"
#include "takt/control/cycle_state.hpp"
#include "takt/control/model/model.hpp"
#include "takt/control/model/self_collision.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {

/// Keeps the tool in its workspace and the links off each other: looks at the posture in which the fastest stop would
/// end, each cycle, so that a motion is ended while it can still end outside of what is forbidden. The setpoint passes
/// a bound by no more than it moves in one period. Real-time safe after construction.
class MotionGuard {
 public:
  /// @throws LogicError when self-collision is asked for and the model has no capsules.
  MotionGuard(const Model& model, const CycleOptions& options);

  /// Why the arm may not go on to where its braking would end; kNone: it may. An arm that stands outside already may go
  /// where it gets better: `ends` is compared with `now` then. Only where the braking ends is looked at, not its way.
  [[nodiscard]] HaltCause objection(const Model& model, const core::JointVector& now_rad,
                                    const core::JointVector& ends_rad) const noexcept;

 private:
  [[nodiscard]] double outside_m(const Model& model, const core::JointVector& q_rad) const noexcept;
  [[nodiscard]] double too_close_m(const Model& model, const core::JointVector& q_rad) const noexcept;

  std::optional<Workspace> workspace_;
  std::optional<SelfCollision> links_;
  double margin_m_;
};

}  // namespace takt::control
