#pragma once

#include <compare>

namespace takt::controller {

/// Beats per second. Written 50_hz, or Frequency{12.5}.
struct Frequency {
  double hz{0.0};
  friend auto operator<=>(const Frequency&, const Frequency&) = default;
};

inline namespace literals {
consteval Frequency operator""_hz(unsigned long long hz) {
  return {static_cast<double>(hz)};
}
consteval Frequency operator""_hz(long double hz) {
  return {static_cast<double>(hz)};
}
}  // namespace literals

}  // namespace takt::controller
