#pragma once

#include <random>
#include <string>
#include <vector>

#include "takt/control/laws/settings.hpp"
#include "takt/control/model/model.hpp"
#include "takt/control/target.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"

namespace takt::bench {

/// A law and what it is told.
struct Workload {
  std::string name;
  control::LawSettings law{};
  control::CommandKind kind{control::CommandKind::kJoint};  ///< kJoint, kPose or kChunk
  int period_ms{20};                                        ///< between two commands
};

/// What the cycle's computing is measured with. The first two have goals.
[[nodiscard]] std::vector<Workload> workloads();

/// Somebody who keeps an FR3 moving about its home: random joint postures up to 0.3 rad from it, their tool poses, or
/// chunks of 16 actions at 50 Hz on the way to them.
class Commander {
 public:
  /// @param lowest_rad, highest_rad  the cycle's range of targets
  Commander(const control::Model& model, const core::JointVector& lowest_rad, const core::JointVector& highest_rad);

  /// The next command, stamped now and good for ever.
  [[nodiscard]] control::Command next(control::CommandKind kind, core::Nanoseconds now_ns);

 private:
  [[nodiscard]] core::JointVector posture();
  [[nodiscard]] control::Command chunk(core::Nanoseconds now_ns);

  const control::Model& model_;
  core::JointVector home_rad_;
  core::JointVector lowest_rad_, highest_rad_;
  core::JointVector last_rad_;
  std::mt19937 random_{20'260'101};
};

}  // namespace takt::bench
