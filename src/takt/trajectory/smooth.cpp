#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/edit.hpp"

// Local regression: at each frame the parabola  q(τ) = c0 + c1 τ + c2 τ²,  τ = t − t_frame in units of the width, that
// makes
//   Σ w(τ_k) (q(τ_k) − q_k)²   least,   w = (1 − |τ|³)³.
// The parabola depends linearly on q_k: the weights of the value c0 and the slope c1 are the same for all joints. Where
// the frames in reach are too few for a parabola, or too close together, a line; else their mean.

namespace takt::trajectory {
namespace {

struct Moments {
  std::array<double, 5> s{};  // Σ w τ^p
  std::size_t frames{0};
};

double tricube(double tau) {
  const double size = std::abs(tau);
  const double rest = 1.0 - size * size * size;
  return size < 1.0 ? rest * rest * rest : 0.0;
}

/// What a frame's weight in c0 and in c1 is, by its τ: w · (a[0] + a[1] τ + a[2] τ²).
struct Kernel {
  std::array<double, 3> value{};
  std::array<double, 3> slope{};
};

constexpr double kSingular = 1e-9;  // of a determinant to its first term

/// Rows 0 and 1 of the inverse of the 3 × 3 matrix of moments.
std::optional<Kernel> parabola(const Moments& m) {
  const auto& s = m.s;
  const double c00 = s[2] * s[4] - s[3] * s[3];
  const double c01 = s[2] * s[3] - s[1] * s[4];
  const double c02 = s[1] * s[3] - s[2] * s[2];
  const double c11 = s[0] * s[4] - s[2] * s[2];
  const double c12 = s[1] * s[2] - s[0] * s[3];
  const double determinant = s[0] * c00 + s[1] * c01 + s[2] * c02;
  if (!(determinant > kSingular * s[0] * s[2] * s[4])) {
    return std::nullopt;
  }
  const double inverse = 1.0 / determinant;
  return Kernel{.value = {inverse * c00, inverse * c01, inverse * c02},
                .slope = {inverse * c01, inverse * c11, inverse * c12}};
}

std::optional<Kernel> line(const Moments& m) {
  const auto& s = m.s;
  const double determinant = s[0] * s[2] - s[1] * s[1];
  if (!(determinant > kSingular * s[0] * s[2])) {
    return std::nullopt;
  }
  const double inverse = 1.0 / determinant;
  return Kernel{.value = {inverse * s[2], -inverse * s[1], 0.0}, .slope = {-inverse * s[1], inverse * s[0], 0.0}};
}

class Smoother {
 public:
  Smoother(const Trajectory& trajectory, double width_s) : source_(trajectory), width_s_(width_s) {}

  Frame frame(std::size_t at) {
    const core::Nanoseconds reach_ns = core::from_seconds(width_s_);
    const core::Nanoseconds t_ns = source_.time_ns(at);
    while (source_.time_ns(first_) <= t_ns - reach_ns) {
      ++first_;
    }
    while (end_ < source_.size() && source_.time_ns(end_) < t_ns + reach_ns) {
      ++end_;
    }
    const Kernel kernel = kernel_at(t_ns);
    Frame frame = source_.frame(at);
    frame.q_rad = core::JointVector::zero(source_.joints());
    core::JointVector slope = frame.q_rad;
    for (std::size_t k = first_; k < end_; ++k) {
      const double tau = core::to_seconds(source_.time_ns(k) - t_ns) / width_s_;
      const double w = tricube(tau);
      const core::JointVector q = source_.q_rad(k);
      frame.q_rad.eigen() += w * (kernel.value[0] + tau * (kernel.value[1] + tau * kernel.value[2])) * q.eigen();
      slope.eigen() += w * (kernel.slope[0] + tau * (kernel.slope[1] + tau * kernel.slope[2])) / width_s_ * q.eigen();
    }
    if (!frame.dq_rad_s.empty()) {
      frame.dq_rad_s = slope;
    }
    return frame;
  }

 private:
  [[nodiscard]] Kernel kernel_at(core::Nanoseconds t_ns) const {
    Moments moments;
    for (std::size_t k = first_; k < end_; ++k) {
      const double tau = core::to_seconds(source_.time_ns(k) - t_ns) / width_s_;
      double power = tricube(tau);
      for (double& sum : moments.s) {
        sum += power;
        power *= tau;
      }
      ++moments.frames;
    }
    // At the edge of the reach a frame weighs next to nothing: two more than the parabola has unknowns, or three of
    // which one hardly counts would be drawn through exactly.
    constexpr std::size_t kForParabola = 5;
    constexpr std::size_t kForLine = 3;
    std::optional<Kernel> kernel;
    if (moments.frames >= kForParabola) {
      kernel = parabola(moments);
    }
    if (!kernel && moments.frames >= kForLine) {
      kernel = line(moments);
    }
    return kernel.value_or(Kernel{.value = {1.0 / moments.s[0], 0.0, 0.0}});
  }

  const Trajectory& source_;
  double width_s_;
  std::size_t first_{0};  // of the frames in reach
  std::size_t end_{0};
};

}  // namespace

Trajectory smooth(const Trajectory& trajectory, double width_s) {
  constexpr double kWidest_s = 10.0;
  if (!(width_s > 0.0 && width_s <= kWidest_s)) {
    throw ConfigError(fmt::format("trajectory '{}': smoothing over {} s, must be above 0 and at most {} s",
                                  trajectory.info().name, width_s, kWidest_s));
  }
  Trajectory made(trajectory.info());
  made.reserve(trajectory.size());
  Smoother smoother(trajectory, width_s);
  for (std::size_t i = 0; i < trajectory.size(); ++i) {
    made.append(smoother.frame(i));
  }
  return made;
}

}  // namespace takt::trajectory
