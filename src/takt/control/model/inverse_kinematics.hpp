#pragma once

#include <cstdint>

#include "takt/control/model/model.hpp"
#include "takt/core/error.hpp"
#include "takt/core/geometry.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {

/// Why there is no joint position for a pose.
enum class IkError : std::uint8_t {
  kInvalid,       ///< A size is wrong, a number not finite, a range empty, or the rotation off by more than 1e-3.
  kUnreachable,   ///< Farther than the chain is long, or at least 8 starts ended where no joint brings the tool nearer.
  kNotConverged,  ///< The iterations were used up before that: more of them or another seed may help.
};

/// What a search took.
struct IkEffort {
  int iterations{0};
  std::size_t starts{0};
};

struct IkOptions {
  bool position_only{false};          ///< any orientation will do: three equations instead of six
  double position_tolerance_m{1e-9};  ///< of the pose that is found
  double rotation_tolerance_rad{1e-9};

  /// Where the joints that the pose leaves free are drawn to; empty: to the seed.
  core::JointVector posture_rad{};
  double posture_pull{0.1};  ///< share of the way to the posture per step while the pose is far, [0, 1)

  std::size_t max_starts{64};  ///< the seed and, where it led nowhere, postures spread over the range
  int max_iterations{1000};    ///< of all starts together, ~1 µs each

  IkEffort* effort{nullptr};  ///< gets what the search took, with or without success; must outlive the call
};

/// Joint positions in [lowest, highest] whose tool centre point has the pose X_BE.
///
/// Levenberg–Marquardt with the damping of Yamashita and Fukushima (λ² in proportion to |e|², which converges
/// quadratically also where the solution is singular; Sugihara, Solvability-unconcerned inverse kinematics by the
/// Levenberg–Marquardt method, IEEE Trans. Robotics 27 (2011)), around a step dq_0 towards the posture:
///
///   dq = dq_0 + Jᵀ (J Jᵀ + λ² I)⁻¹ (e − J dq_0),
///
/// angles weighted by a third of the reach. A joint that a step would take out of its range goes to its end, and the
/// step is solved again for the others. Starts from the seed and, when that ends in a local minimum, from postures
/// spread evenly over the range (Kronecker's sequence): the same arguments give the same answer. Joints that do not
/// move the tool keep their seed. The result is one near the seed where the pose leaves a choice, not the nearest.
///
/// Real-time safe: no heap, bounded by max_iterations; far too long for a cycle, meant for whoever sets a target.
///
/// @param seed_rad  where to start, taken into the range; lowest_rad, highest_rad: n = dof() each, infinite allowed.
[[nodiscard]] Expected<core::JointVector, IkError> solve_pose(const Model& model, const core::Pose& X_BE,
                                                              const core::JointVector& seed_rad,
                                                              const core::JointVector& lowest_rad,
                                                              const core::JointVector& highest_rad,
                                                              const IkOptions& options = {}) noexcept;

}  // namespace takt::control
