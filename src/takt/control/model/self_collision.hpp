#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include <Eigen/Core>

#include "takt/control/model/model.hpp"
#include "takt/core/joint_vector.hpp"

namespace takt::control {

/// The shortest distance between two segments a0 a1 and b0 b1, which may be points, parallel or cross each other.
/// Ericson, Real-Time Collision Detection (2005), §5.1.9. Real-time safe.
[[nodiscard]] double segment_distance(const Eigen::Vector3d& a0, const Eigen::Vector3d& a1, const Eigen::Vector3d& b0,
                                      const Eigen::Vector3d& b1) noexcept;

/// How near an arm comes to itself, from the capsules of its model.
///
/// Looked at are all pairs of links but those that are adjacent, that the model calls harmless, or whose capsules touch
/// each other at home. Built at set-up, immutable: its queries are real-time safe and may be made from any thread.
class SelfCollision {
 public:
  struct Nearest {
    double distance_m{std::numeric_limits<double>::infinity()};  ///< between surfaces; < 0: they overlap by that
    std::size_t link_a{0};                                       ///< as in Capsule; link_a < link_b
    std::size_t link_b{0};
  };

  /// Copies what it needs.
  explicit SelfCollision(const Model& model);

  /// The closest pair. Infinitely far when there are no pairs. @pre q has as many elements as the model that this was
  /// built from has joints. ~20 ns per pair of capsules, and link_frames.
  [[nodiscard]] Nearest nearest(const Model& model, const core::JointVector& q_rad) const noexcept;

  /// The same where the frames are known already.
  [[nodiscard]] Nearest nearest(const LinkFrames& frames) const noexcept;

  /// The pairs of links that are looked at.
  [[nodiscard]] std::vector<LinkPair> pairs() const;

 private:
  /// Indices of two capsules in the model's data.
  struct CapsulePair {
    std::size_t a, b;
  };

  std::vector<Capsule> capsules_;
  std::vector<CapsulePair> pairs_;
};

}  // namespace takt::control
