#include "takt/control/laws/tool_inertia.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include "takt/core/joint_vector.hpp"

namespace takt::control {
namespace {

/// How much of a translation one radian is taken for, when directions of both kinds are compared.
constexpr double kRadian_m = 0.15;
constexpr double kHeaviest = 10.0;  ///< times the arm's own mass at the tool

Vector6 scale() noexcept {
  return (Vector6() << 1, 1, 1, kRadian_m, kRadian_m, kRadian_m).finished();
}

double bounded_mass_kg(double mobility, double lightest) noexcept {
  return mobility >= lightest ? 1.0 / mobility : (2.0 - mobility / lightest) / lightest;
}

}  // namespace

// With the Cholesky factor L of M and Y = L⁻¹ Jᵀ, a forward substitution whose rows have a fixed length:  A = Yᵀ Y.
Matrix6 mobility(const JointMatrix& M, const JacobianMatrix& J) noexcept {
  const Eigen::LLT<JointMatrix> factored(M);
  const JointMatrix& L = factored.matrixLLT();
  JacobianMatrix Y(6, J.cols());  // its columns are the rows of L⁻¹ Jᵀ
  Matrix6 A = Matrix6::Zero();
  for (Eigen::Index i = 0; i < J.cols(); ++i) {
    Vector6 row = J.col(i);
    for (Eigen::Index k = 0; k < i; ++k) {
      row -= L(i, k) * Y.col(k);
    }
    Y.col(i) = row / L(i, i);
    A.noalias() += Y.col(i) * Y.col(i).transpose();
  }
  return A;
}

ToolInertia::ToolInertia(const JointMatrix& M, const JacobianMatrix& J, double lightest_1_kg) noexcept {
  const Eigen::SelfAdjointEigenSolver<Matrix6> solved(mobility(M, scale().asDiagonal() * J));
  U_ = scale().asDiagonal() * solved.eigenvectors();
  for (Eigen::Index i = 0; i < 6; ++i) {
    mass_kg_[i] = bounded_mass_kg(solved.eigenvalues()[i], lightest_1_kg);
  }
}

Vector6 ToolInertia::times(const Vector6& acceleration) const noexcept {
  return U_ * mass_kg_.cwiseProduct(U_.transpose() * acceleration);
}

double lightest_mobility_1_kg(const Model& model) {
  const core::JointVector home(model.data().home_rad);
  const JacobianMatrix J = model.tool_jacobian(home);
  return (scale().asDiagonal() * J).squaredNorm() / model.mass_matrix(home).trace() / kHeaviest;
}

}  // namespace takt::control
