#pragma once

#include <array>
#include <cstddef>

#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"
#include "takt/trajectory/check.hpp"

namespace takt::trajectory::internal {

/// A value above its limit by no more than this part of it does not exceed it: both went through roundings.
inline constexpr double kRelativeSlack = 1e-6;

/// Keeps the worst of what a check saw of each joint and quantity, and reports it.
class LimitJudge {
 public:
  /// The worst that was seen of one joint and quantity.
  struct Worst {
    double ratio{0.0};  ///< of value to limit; of positions the distance from the range
    double value{0.0};
    double limit{0.0};
    core::Nanoseconds t_ns{0};
    core::Nanoseconds first_ns{0};
    bool exceeded{false};
  };

  explicit LimitJudge(std::size_t joints) : joints_(joints) {}

  [[nodiscard]] const Worst& worst(std::size_t joint, Quantity what) const { return worst_[at(joint, what)]; }

  /// |value| against a limit; `slack` beside the relative one.
  void see(std::size_t joint, Quantity what, double value, double limit, double slack, core::Nanoseconds t_ns);
  void see_position(std::size_t joint, double q, double low, double high, core::Nanoseconds t_ns);
  /// Of a velocity to what an envelope allows, played backwards.
  void see_backward(double ratio);
  [[nodiscard]] double backward_ratio() const noexcept { return backward_ratio_; }

  /// Without `segments` and `samples`. @param jerk  whether it counts
  [[nodiscard]] CheckReport report(bool jerk) const;

 private:
  static constexpr std::size_t kQuantities = 4;

  static std::size_t at(std::size_t joint, Quantity what) noexcept {
    return joint * kQuantities + static_cast<std::size_t>(what);
  }

  std::size_t joints_;
  double backward_ratio_{0.0};
  std::array<Worst, core::kMaxJoints * kQuantities> worst_{};
};

}  // namespace takt::trajectory::internal
