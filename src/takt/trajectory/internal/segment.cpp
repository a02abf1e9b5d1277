#include "takt/trajectory/internal/segment.hpp"

#include <cmath>
#include <utility>

namespace takt::trajectory::internal {
namespace {

Instants ends(double h) noexcept {
  Instants instants;
  instants.add(0.0);
  instants.add(h);
  return instants;
}

bool is_inside(double t, double h) noexcept {
  return t > 0.0 && t < h;
}

/// Real roots of a x² + b x + c; a NaN or infinity where there is none.
std::pair<double, double> roots(double a, double b, double c) noexcept {
  const double half = -0.5 * (b + std::copysign(std::sqrt(b * b - 4.0 * a * c), b));
  return {half / a, c / half};
}

/// A polynomial of degree 3, lowest power first.
using Cubic = std::array<double, 4>;

double value(const Cubic& p, double x) noexcept {
  return p[0] + x * (p[1] + x * (p[2] + x * p[3]));
}

/// The root between two instants of different sign, to the last bit or so.
double root_between(const Cubic& p, double low, double high) noexcept {
  const bool rising = value(p, low) < 0.0;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    ((value(p, middle) < 0.0) == rising ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace

Instants Segment::velocity_extremes() const noexcept {
  Instants instants = ends(h);
  if (const double t = -c2 / (3.0 * c3); is_inside(t, h)) {
    instants.add(t);
  }
  return instants;
}

Instants Segment::position_extremes() const noexcept {
  Instants instants = ends(h);
  const auto [first, second] = roots(3.0 * c3, 2.0 * c2, v0);
  for (const double t : {first, second}) {
    if (is_inside(t, h)) {
      instants.add(t);
    }
  }
  return instants;
}

Instants Segment::envelope_extremes(double offset, double deceleration) const noexcept {
  // (v + offset) a + d v with v = v0 + 2 c2 t + 3 c3 t², a = 2 c2 + 6 c3 t, by powers of t.
  const double u = v0 + offset;
  const Cubic p{2.0 * c2 * u + deceleration * v0, 6.0 * c3 * u + 4.0 * c2 * c2 + 2.0 * deceleration * c2,
                18.0 * c2 * c3 + 3.0 * deceleration * c3, 18.0 * c3 * c3};
  std::array<double, 4> pieces{0.0, h, h, h};  // monotonic between them
  std::size_t count = 1;
  auto [first, second] = roots(3.0 * p[3], 2.0 * p[2], p[1]);
  if (first > second) {
    std::swap(first, second);
  }
  for (const double t : {first, second}) {
    if (is_inside(t, h)) {
      pieces[count++] = t;
    }
  }
  pieces[count] = h;
  Instants instants = ends(h);
  for (std::size_t i = 0; i < count; ++i) {
    if (value(p, pieces[i]) * value(p, pieces[i + 1]) < 0.0) {
      instants.add(root_between(p, pieces[i], pieces[i + 1]));
    }
  }
  return instants;
}

}  // namespace takt::trajectory::internal
