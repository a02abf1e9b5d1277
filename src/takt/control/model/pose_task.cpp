#include "takt/control/model/pose_task.hpp"

#include <cmath>
#include <cstddef>

namespace takt::control {

Vector6 pose_error(const core::Pose& X_BE, const core::Pose& X_BD) noexcept {
  const Eigen::Matrix3d R_ED_B = X_BD.linear() * X_BE.linear().transpose();
  Eigen::Quaterniond turn(R_ED_B);
  if (turn.w() < 0.0) {
    turn.coeffs() = -turn.coeffs();
  }
  const double sine = turn.vec().norm();  // of θ/2
  // θ/sin(θ/2) tends to 2 for small angles; atan2 loses nothing before the division does.
  const double scale = sine < 1e-12 ? 2.0 / turn.w() : 2.0 * std::atan2(sine, turn.w()) / sine;
  Vector6 error;
  error << X_BD.translation() - X_BE.translation(), scale * turn.vec();
  return error;
}

bool is_rigid(const core::Pose& X, double tolerance) noexcept {
  const Eigen::Matrix3d R = X.linear();
  return X.matrix().allFinite() &&
         (R * R.transpose() - Eigen::Matrix3d::Identity()).cwiseAbs().maxCoeff() <= tolerance && R.determinant() > 0.0;
}

Matrix6 gramian(const JacobianMatrix& J, const JointMask& joints) noexcept {
  Matrix6 A = Matrix6::Zero();
  for (Eigen::Index i = 0; i < J.cols(); ++i) {
    if (joints[static_cast<std::size_t>(i)]) {
      A.noalias() += J.col(i) * J.col(i).transpose();
    }
  }
  return A;
}

// The squares of all elements of L⁻¹, found column by column by forward substitution.
double trace_of_inverse(const Matrix6& L) noexcept {
  double sum = 0.0;
  for (Eigen::Index column = 0; column < 6; ++column) {
    double x[6] = {};
    x[column] = 1.0 / L(column, column);
    sum += x[column] * x[column];
    for (Eigen::Index row = column + 1; row < 6; ++row) {
      double value = 0.0;
      for (Eigen::Index k = column; k < row; ++k) {
        value -= L(row, k) * x[k];
      }
      x[row] = value / L(row, row);
      sum += x[row] * x[row];
    }
  }
  return sum;
}

}  // namespace takt::control
