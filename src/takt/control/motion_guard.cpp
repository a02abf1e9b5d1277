#include "takt/control/motion_guard.hpp"

#include <algorithm>

#include "takt/core/error.hpp"

namespace takt::control {

MotionGuard::MotionGuard(const Model& model, const CycleOptions& options)
    : workspace_(options.workspace), margin_m_(options.self_collision_margin_m.value_or(0.0)) {
  if (options.self_collision_margin_m) {
    if (model.data().capsules.empty()) {
      throw LogicError("MotionGuard: " + model.data().name + " has no capsules to keep apart");
    }
    links_.emplace(model);
  }
}

HaltCause MotionGuard::objection(const Model& model, const core::JointVector& now_rad,
                                 const core::JointVector& ends_rad) const noexcept {
  if (workspace_) {
    const double outside = outside_m(model, ends_rad);
    if (outside > 0.0 && outside > outside_m(model, now_rad)) {
      return HaltCause::kWorkspace;
    }
  }
  if (links_) {
    const double too_close = too_close_m(model, ends_rad);
    if (too_close > 0.0 && too_close > too_close_m(model, now_rad)) {
      return HaltCause::kSelfCollision;
    }
  }
  return HaltCause::kNone;
}

double MotionGuard::outside_m(const Model& model, const core::JointVector& q_rad) const noexcept {
  const Eigen::Vector3d p_BE = model.tool_pose(q_rad).translation();
  double outside = 0.0;
  for (int i = 0; i < 3; ++i) {
    const auto axis = static_cast<std::size_t>(i);
    outside = std::max({outside, workspace_->lowest_m[axis] - p_BE[i], p_BE[i] - workspace_->highest_m[axis]});
  }
  return outside;
}

double MotionGuard::too_close_m(const Model& model, const core::JointVector& q_rad) const noexcept {
  return margin_m_ - links_->nearest(model, q_rad).distance_m;
}

}  // namespace takt::control
