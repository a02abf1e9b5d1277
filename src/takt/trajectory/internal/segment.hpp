#pragma once

#include <array>
#include <cstddef>

namespace takt::trajectory::internal {

/// Up to so many instants of interest.
struct Instants {
  std::array<double, 8> t_s{};
  std::size_t count{0};
  void add(double t) noexcept { t_s[count++] = t; }
};

/// One joint between two knots, as the checker sees it:   q(t) = q0 + v0 t + c2 t² + c3 t³,   0 ≤ t ≤ h. Times in s.
struct Segment {
  double q0, v0, c2, c3, h;

  [[nodiscard]] static Segment between(double q0, double v0, double q1, double v1, double h_s) noexcept {
    const double slope = (q1 - q0) / h_s;
    return {.q0 = q0,
            .v0 = v0,
            .c2 = (3.0 * slope - 2.0 * v0 - v1) / h_s,
            .c3 = (v0 + v1 - 2.0 * slope) / (h_s * h_s),
            .h = h_s};
  }

  [[nodiscard]] double q(double t) const noexcept { return q0 + t * (v0 + t * (c2 + t * c3)); }
  [[nodiscard]] double v(double t) const noexcept { return v0 + t * (2.0 * c2 + t * 3.0 * c3); }
  [[nodiscard]] double a(double t) const noexcept { return 2.0 * c2 + 6.0 * c3 * t; }
  [[nodiscard]] double jerk() const noexcept { return 6.0 * c3; }

  /// Both ends and, where it lies between, the instant of a = 0.
  [[nodiscard]] Instants velocity_extremes() const noexcept;
  /// Both ends and the instants of v = 0 between.
  [[nodiscard]] Instants position_extremes() const noexcept;
  /// Both ends and, between them, where the room under a velocity envelope,   2 d (q_max − q) − (v + offset)²,   is
  /// extreme: (v + offset) a + d v = 0. For the envelope at the lower end, that of mirrored().
  [[nodiscard]] Instants envelope_extremes(double offset, double deceleration) const noexcept;

  /// The same way from its end to its beginning.
  [[nodiscard]] Segment reversed() const noexcept {
    return {.q0 = q(h), .v0 = -v(h), .c2 = 0.5 * a(h), .c3 = -c3, .h = h};
  }
  [[nodiscard]] Segment mirrored() const noexcept { return {.q0 = -q0, .v0 = -v0, .c2 = -c2, .c3 = -c3, .h = h}; }
};

}  // namespace takt::trajectory::internal
