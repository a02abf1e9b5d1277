#include "takt/control/model/inverse_kinematics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <Eigen/Cholesky>

#include "takt/control/model/pose_task.hpp"

namespace takt::control {
namespace {

using core::JointVector;

constexpr double kRotationSlack = 1e-3;
constexpr double kMaxStepRad = 0.7;
constexpr double kFirstDamping = 0.1;
constexpr double kLeastDamping = 1e-6;
constexpr double kMostDamping = 1e6;
constexpr double kFloor = 1e-13;  // of λ², against rounding in J Jᵀ; a share of reach²

/// A start has ended in a local minimum when this many steps together took less than this share off the error.
constexpr int kPatience = 8;
constexpr double kProgress = 0.05;

/// After this many local minima a search that runs out of iterations says unreachable: of FR3 poses, 99.5 % are found
/// from fewer starts.
constexpr std::size_t kEnoughStarts = 8;

/// The pull to the posture fades with the error below this share of the reach, so that the last steps are Newton's.
constexpr double kPullFade = 0.1;

constexpr std::array<double, core::kMaxJoints> kPrimes = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53};

enum class End : std::uint8_t { kReached, kStuck, kExhausted };

/// One question and the state of its search.
class Search {
 public:
  Search(const Model& model, const core::Pose& X_BD, const JointVector& seed, const JointVector& lowest,
         const JointVector& highest, const IkOptions& options) noexcept
      : model_(model),
        X_BD_(X_BD),
        seed_(seed),
        lowest_(lowest),
        highest_(highest),
        options_(options),
        posture_(options.posture_rad.empty() ? seed : options.posture_rad),
        length_m_(model.reach_m() / 3.0),
        floor_m2_(kFloor * model.reach_m() * model.reach_m()) {
    X_BD_.linear() = Eigen::Quaterniond(X_BD.linear()).normalized().toRotationMatrix();
    const std::size_t flange_link = model.data().flange_link;
    for (std::size_t i = 0; i < (flange_link == 0 ? model.dof() : flange_link); ++i) {
      moving_.set(i);
    }
  }

  /// Where start number `start` begins: 0 is the seed.
  [[nodiscard]] JointVector beginning(std::size_t start) const noexcept {
    JointVector q = seed_;
    for (std::size_t i = 0; i < q.size(); ++i) {
      if (start > 0 && moving_[i]) {
        const double turns = static_cast<double>(start) * std::sqrt(kPrimes[i]);
        const double low = std::max(lowest_[i], seed_[i] - std::numbers::pi);
        const double high = std::min(highest_[i], seed_[i] + std::numbers::pi);
        q[i] = low + (turns - std::floor(turns)) * (high - low);
      }
      q[i] = std::clamp(q[i], lowest_[i], highest_[i]);
    }
    return q;
  }

  /// Goes down from q until the pose is reached, nothing helps any more, or the iterations are used up.
  [[nodiscard]] End descend(JointVector& q, IkEffort& effort) const noexcept {
    Place here = place(q);
    double damping = kFirstDamping;
    double pull = options_.posture_pull;
    double milestone = here.cost;
    int since_milestone = 0;
    while (!reached(here)) {
      if (effort.iterations >= options_.max_iterations) {
        return End::kExhausted;
      }
      ++effort.iterations;
      JointVector next = q;
      next.eigen() += step(q, here, damping, pull).eigen();
      for (std::size_t i = 0; i < q.size(); ++i) {
        next[i] = std::clamp(next[i], lowest_[i], highest_[i]);  // rounding
      }
      const Place there = place(next);
      if (there.cost < here.cost) {
        q = next;
        here = there;
        damping = std::max(kLeastDamping, 0.2 * damping);
      } else {
        damping *= 8.0;
        pull *= 0.25;
      }
      if (here.cost < (1.0 - kProgress) * milestone) {
        milestone = here.cost;
        since_milestone = 0;
      } else if (++since_milestone >= kPatience || damping > kMostDamping) {
        return End::kStuck;
      }
    }
    return End::kReached;
  }

 private:
  struct Place {
    JacobianMatrix J;  ///< angular rows in metres, none where the orientation does not matter
    Vector6 error;
    double cost{0.0};
    double rotation_rad{0.0};
  };

  /// How a step is solved for.
  struct Trial {
    double lambda2;
    double pull;
    JointMask free;
  };

  [[nodiscard]] Place place(const JointVector& q) const noexcept {
    const ToolMotion motion = model_.tool_motion(q, JointVector::zero(q.size()));
    Place made{.J = motion.J, .error = pose_error(motion.X_BE, X_BD_)};
    made.rotation_rad = options_.position_only ? 0.0 : made.error.tail<3>().norm();
    const double weight = options_.position_only ? 0.0 : length_m_;
    made.J.bottomRows<3>() *= weight;
    made.error.tail<3>() *= weight;
    made.cost = made.error.squaredNorm();
    return made;
  }

  [[nodiscard]] bool reached(const Place& here) const noexcept {
    return here.error.head<3>().norm() <= options_.position_tolerance_m &&
           here.rotation_rad <= options_.rotation_tolerance_rad;
  }

  /// The damped step; joints at the end of their range are held there and the others make up for them.
  [[nodiscard]] JointVector step(const JointVector& q, const Place& here, double damping, double pull) const noexcept {
    const double fade = std::min(1.0, std::sqrt(here.cost) / (kPullFade * model_.reach_m()));
    JointVector dq = JointVector::zero(q.size());
    JointMask free = moving_;
    Vector6 rest = here.error;
    for (std::size_t pass = 0; pass <= q.size(); ++pass) {
      solve(q, here, {.lambda2 = damping * here.cost + floor_m2_, .pull = pull * fade, .free = free}, rest, dq);
      bool changed = false;
      for (std::size_t i = 0; i < q.size(); ++i) {
        const double kept = std::clamp(q[i] + dq[i], lowest_[i], highest_[i]) - q[i];
        if (free[i] && kept != dq[i] && std::abs(kept - dq[i]) > 1e-15) {
          dq[i] = kept;
          rest -= here.J.col(static_cast<Eigen::Index>(i)) * kept;
          free.reset(i);
          changed = true;
        }
      }
      if (!changed) {
        break;
      }
    }
    const double largest = dq.eigen().cwiseAbs().maxCoeff();
    dq.eigen() *= largest > kMaxStepRad ? kMaxStepRad / largest : 1.0;
    return dq;
  }

  void solve(const JointVector& q, const Place& here, const Trial& trial, const Vector6& rest,
             JointVector& dq) const noexcept {
    Matrix6 A = gramian(here.J, trial.free);
    A.diagonal().array() += trial.lambda2;
    Vector6 wanted = rest;
    for (std::size_t i = 0; i < q.size(); ++i) {
      if (trial.free[i]) {
        dq[i] = trial.pull * (posture_[i] - q[i]);
        wanted -= here.J.col(static_cast<Eigen::Index>(i)) * dq[i];
      }
    }
    const Vector6 y = A.llt().solve(wanted);
    for (std::size_t i = 0; i < q.size(); ++i) {
      if (trial.free[i]) {
        dq[i] += here.J.col(static_cast<Eigen::Index>(i)).dot(y);
      }
    }
  }

  const Model& model_;
  core::Pose X_BD_;
  const JointVector& seed_;
  const JointVector& lowest_;
  const JointVector& highest_;
  const IkOptions& options_;
  JointVector posture_;
  JointMask moving_;
  double length_m_;
  double floor_m2_;
};

bool valid(const Model& model, const core::Pose& X_BE, const JointVector& seed, const JointVector& lowest,
           const JointVector& highest, const IkOptions& options) noexcept {
  const std::size_t n = model.dof();
  if (seed.size() != n || lowest.size() != n || highest.size() != n || !seed.all_finite() ||
      !(options.posture_rad.empty() || (options.posture_rad.size() == n && options.posture_rad.all_finite()))) {
    return false;
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (!(lowest[i] <= highest[i])) {
      return false;
    }
  }
  return options.posture_pull >= 0.0 && options.posture_pull < 1.0 && is_rigid(X_BE, kRotationSlack);
}

}  // namespace

Expected<JointVector, IkError> solve_pose(const Model& model, const core::Pose& X_BE, const JointVector& seed_rad,
                                          const JointVector& lowest_rad, const JointVector& highest_rad,
                                          const IkOptions& options) noexcept {
  IkEffort own;
  IkEffort& spent = options.effort == nullptr ? own : *options.effort;
  spent = {};
  if (!valid(model, X_BE, seed_rad, lowest_rad, highest_rad, options)) {
    return Unexpected(IkError::kInvalid);
  }
  const Eigen::Vector3d p_first_m = model.data().joints[0].X_PJ.translation();
  if ((X_BE.translation() - p_first_m).norm() > model.reach_m() + options.position_tolerance_m) {
    return Unexpected(IkError::kUnreachable);
  }
  const Search search(model, X_BE, seed_rad, lowest_rad, highest_rad, options);
  while (spent.starts < options.max_starts) {
    JointVector q = search.beginning(spent.starts++);
    const End end = search.descend(q, spent);
    if (end == End::kReached) {
      return q;
    }
    if (end == End::kExhausted && spent.starts <= kEnoughStarts) {
      return Unexpected(IkError::kNotConverged);
    }
    if (end == End::kExhausted) {
      break;
    }
  }
  return Unexpected(IkError::kUnreachable);
}

}  // namespace takt::control
