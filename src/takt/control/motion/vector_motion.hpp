#pragma once

#include <array>

#include <Eigen/Core>

#include "takt/control/motion/axis_motion.hpp"

namespace takt::control {

/// What a vector may do: norms.
struct Norms {
  double velocity{0.0};
  double acceleration{0.0};
  double jerk{0.0};
};

/// A vector's way, seen in a frame that moves at `drift`, in which it ends at rest.
struct VectorWay {
  Eigen::Vector3d way{Eigen::Vector3d::Zero()};  ///< from here to the end
  Eigen::Vector3d velocity{Eigen::Vector3d::Zero()};
  Eigen::Vector3d acceleration{Eigen::Vector3d::Zero()};
  Eigen::Vector3d drift{Eigen::Vector3d::Zero()};  ///< the norm is that of velocity + drift
};

/// Three orthogonal axes, and what each may do. Whatever they do inside, norms are kept.
struct AxesBox {
  Eigen::Matrix3d axes{Eigen::Matrix3d::Identity()};  ///< columns
  Eigen::Array3d velocity{Eigen::Array3d::Zero()};    ///< of velocity + drift, either way
  Eigen::Array3d acceleration{Eigen::Array3d::Zero()};
  Eigen::Array3d jerk{Eigen::Array3d::Zero()};
  bool fits{false};  ///< the state lies inside, and its acceleration can run out inside
};

/// A vector on its way to rest within norms: three AxisMotions, turned so that the first points to the end. From rest
/// only that one moves, on a straight line, with 0.98 of the norms. Motion across is braked by the other two: each gets
/// what it has and what it needs to brake, the first axis what that leaves. When they have come to rest, the first gets
/// what they had.
///
/// "rad" of the axes is the vector's unit. A value; every member is real-time safe.
class VectorMotion {
 public:
  struct State {
    Eigen::Vector3d x{Eigen::Vector3d::Zero()};  ///< since the way began
    Eigen::Vector3d dx{Eigen::Vector3d::Zero()};
    Eigen::Vector3d ddx{Eigen::Vector3d::Zero()};
  };

  /// The axes for this way; those that there are when it is below 1e-9. @pre |drift| < the norm of velocity.
  [[nodiscard]] AxesBox box_for(const VectorWay& way, const Norms& norms) const noexcept;

  /// Begins the way, x = 0, in the box that was made for it. @pre box.fits.
  void go(const VectorWay& way, const Norms& norms, const AxesBox& box) noexcept;

  /// Begins the fastest way to rest: along the velocity where that fits, else in the axes that there are.
  void stop(const Eigen::Vector3d& velocity, const Eigen::Vector3d& acceleration, const Norms& norms) noexcept;

  /// Begins the rest of the way, x = 0, in the same axes and bounds.
  void go_on(const Eigen::Vector3d& way, const Eigen::Vector3d& velocity, const Eigen::Vector3d& acceleration) noexcept;

  State step(double dt_s) noexcept;

  /// True when the way is over.
  [[nodiscard]] bool at_rest() const noexcept;

  /// Where it ends, since it began.
  [[nodiscard]] Eigen::Vector3d end() const noexcept;

 private:
  void use(const AxesBox& box, const Eigen::Vector3d& drift) noexcept;
  void start(const Eigen::Vector3d& velocity, const Eigen::Vector3d& acceleration) noexcept;
  void aim(const Eigen::Vector3d& way) noexcept;
  void give_all_to_the_first() noexcept;

  std::array<AxisMotion, 3> axes_;
  AxesBox box_;
  Norms norms_;
  Eigen::Vector3d drift_{Eigen::Vector3d::Zero()};
  bool shared_{false};  ///< the axes across are not at rest yet
};

}  // namespace takt::control
