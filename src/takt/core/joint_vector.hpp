#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#include <Eigen/Core>

#include "takt/core/error.hpp"

namespace takt::core {

/// The most joints a robot may have (two 7-joint arms and two grippers). A bound, not a count: robots say their own.
inline constexpr std::size_t kMaxJoints = 16;

/// One number per joint: rad, rad/s, N·m … as the field that holds it says. Size is a run-time number up to kMaxJoints.
/// A trivially copyable value without heap, fit for messages, mailboxes and the cycle. Real-time safe but for the
/// throwing constructors. Arithmetic goes through `eigen()`, which allocates nothing either.
class JointVector {
 public:
  using EigenMap = Eigen::Map<Eigen::VectorXd>;
  using ConstEigenMap = Eigen::Map<const Eigen::VectorXd>;

  constexpr JointVector() = default;

  /// @throws LogicError when more than kMaxJoints are given.
  constexpr JointVector(std::initializer_list<double> values) : JointVector(std::span(values.begin(), values.size())) {}
  constexpr explicit JointVector(std::span<const double> values) {
    resize(values.size());
    std::copy(values.begin(), values.end(), values_.begin());
  }

  /// `size` times `value`. @throws LogicError when size > kMaxJoints.
  [[nodiscard]] static constexpr JointVector constant(std::size_t size, double value) {
    JointVector made;
    made.resize(size, value);
    return made;
  }
  [[nodiscard]] static constexpr JointVector zero(std::size_t size) { return constant(size, 0.0); }

  /// New elements get `value`. @throws LogicError when size > kMaxJoints.
  constexpr void resize(std::size_t size, double value = 0.0) {
    if (size > kMaxJoints) {
      throw LogicError("JointVector: " + std::to_string(size) + " joints, the most is " + std::to_string(kMaxJoints));
    }
    for (std::size_t i = size_; i < size; ++i) {
      values_[i] = value;
    }
    size_ = static_cast<std::uint32_t>(size);
  }

  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] constexpr double* data() noexcept { return values_.data(); }
  [[nodiscard]] constexpr const double* data() const noexcept { return values_.data(); }
  [[nodiscard]] constexpr double* begin() noexcept { return data(); }
  [[nodiscard]] constexpr double* end() noexcept { return data() + size_; }
  [[nodiscard]] constexpr const double* begin() const noexcept { return data(); }
  [[nodiscard]] constexpr const double* end() const noexcept { return data() + size_; }

  /// @pre i < size(); unchecked.
  [[nodiscard]] constexpr double& operator[](std::size_t i) noexcept { return values_[i]; }
  [[nodiscard]] constexpr double operator[](std::size_t i) const noexcept { return values_[i]; }

  /// The elements as an Eigen vector that refers into this object.
  [[nodiscard]] EigenMap eigen() noexcept { return {data(), static_cast<Eigen::Index>(size_)}; }
  [[nodiscard]] ConstEigenMap eigen() const noexcept { return {data(), static_cast<Eigen::Index>(size_)}; }

  [[nodiscard]] bool all_finite() const noexcept {
    return std::all_of(begin(), end(), [](double value) { return std::isfinite(value); });
  }

  friend constexpr bool operator==(const JointVector& a, const JointVector& b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::array<double, kMaxJoints> values_{};
  std::uint32_t size_{0};
};

/// The largest |a_i − b_i|. @pre same size; unchecked.
[[nodiscard]] inline double max_abs_difference(const JointVector& a, const JointVector& b) noexcept {
  double worst = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    worst = std::max(worst, std::abs(a[i] - b[i]));
  }
  return worst;
}

}  // namespace takt::core
