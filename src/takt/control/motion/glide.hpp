#pragma once

#include "takt/control/motion/joint_path.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"

namespace takt::control {

/// The way of the joints from how they move now to how they shall move at an instant: a cubic, position and velocity
/// given at both ends; after that instant on at that velocity. For targets that come in a row, each before the one
/// before is reached: position and velocity are continuous over the row, and where the velocities are those of a spline
/// through the targets, the row is that spline.
///
/// What it says is a wish: a generator keeps the limits. A value; real-time safe.
class Glide {
 public:
  using Reference = JointPath::Reference;

  Glide() = default;

  /// @pre due_ns > now_ns, all of one size
  Glide(core::Nanoseconds now_ns, const Reference& from, core::Nanoseconds due_ns, const Reference& to) noexcept
      : begin_ns_(now_ns), due_ns_(due_ns), from_(from), to_(to) {}

  /// @pre now_ns is not before it began
  [[nodiscard]] Reference at(core::Nanoseconds now_ns) const noexcept;

 private:
  core::Nanoseconds begin_ns_{0};
  core::Nanoseconds due_ns_{0};
  Reference from_;
  Reference to_;
};

}  // namespace takt::control
