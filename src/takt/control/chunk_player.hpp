#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "takt/control/target.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"

namespace takt::control {

/// Turns action chunks into a joint reference at any instant: a cubic Hermite spline through the actions, at each with
/// the mean slope of its neighbours (Catmull–Rom), at rest at the last one.
///
/// * A chunk replaces what was planned from its own first action on; earlier actions of the one before are still
/// played.
/// * Actions that are due already when their chunk arrives are dropped and counted; the last of them still shapes the
///   way to the first that is not, as the policy meant it. A chunk that comes too late as a whole is refused.
/// * Whatever the new plan says of now, the reference goes on from where it is and how it moves: the difference is
/// added
///   and fades to nothing, position and velocity, along a cubic within kBlend_s, or until the plan ends.
/// * A chunk that follows nothing begins where the reference stands.
///
/// A value of about 40 KiB. Real-time safe; one thread. What it says of motion is only a wish: the generator keeps the
/// limits.
class ChunkPlayer {
 public:
  static constexpr double kBlend_s = 0.2;

  struct Reference {
    core::JointVector q_rad;
    core::JointVector dq_rad_s;
  };
  struct Counts {
    std::uint64_t blended_chunks{0};  ///< took over from one that had not ended
    std::uint64_t late_chunks{0};     ///< refused, all of it was due
    std::uint64_t late_actions{0};    ///< dropped
  };

  /// Takes a chunk up at `now`, from `at`, where the reference stands now. False, and nothing changed but a count, when
  /// all of it is late. @pre a chunk with 1 … kMaxActions finite actions of one size by rising time.
  bool load(const Command& chunk, core::Nanoseconds now_ns, const Reference& at) noexcept;

  /// Forgets the chunk.
  void clear() noexcept { plan_.count = 0; }

  /// The reference at `now`; before the first action of a chunk that follows nothing it comes from where it stood,
  /// after the last one it rests there. @pre a chunk was loaded.
  [[nodiscard]] Reference at(core::Nanoseconds now_ns) const noexcept;

  /// When the last action is due; 0 without a chunk.
  [[nodiscard]] core::Nanoseconds end_ns() const noexcept { return plan_.end_ns(); }
  [[nodiscard]] bool active() const noexcept { return plan_.count > 0; }
  [[nodiscard]] const Counts& counts() const noexcept { return counts_; }

 private:
  struct Knot {
    core::Nanoseconds due_ns{0};
    Reference reference;  ///< velocity: the slope there
  };
  struct Curve {
    std::array<Knot, 2 * kMaxActions + 1> knots;
    std::size_t count{0};
    [[nodiscard]] core::Nanoseconds end_ns() const noexcept { return count > 0 ? knots[count - 1].due_ns : 0; }
    [[nodiscard]] Reference at(core::Nanoseconds now_ns) const noexcept;
    void add(core::Nanoseconds due_ns, const core::JointVector& q_rad) noexcept;
    void shape() noexcept;
  };

  void keep_until(core::Nanoseconds first_ns, core::Nanoseconds now_ns) noexcept;

  Curve plan_;
  Reference ahead_;  ///< by which the reference differed from the plan when that began
  core::Nanoseconds blend_from_ns_{0};
  core::Nanoseconds blend_until_ns_{0};
  Counts counts_;
};

}  // namespace takt::control
