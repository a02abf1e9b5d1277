#include "takt/robots/sim/mujoco_world.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>

#include <mujoco/mujoco.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/core/log.hpp"

// MuJoCo's mj_step in two halves: mj_step1 computes all that depends on position and velocity, mj_step2 takes the
// controls and integrates. Between calls of this class the first half is always done, so that gravity, mass matrix and
// flange belong to the state that q_rad() shows.

namespace takt::robots::sim {
namespace {

// MuJoCo's own handlers write MUJOCO_LOG.TXT into the working directory, and the one for errors waits for a key.
void on_warning(const char* /*text*/) {}  // mjData::warning counts them; diverged() reads that

[[noreturn]] void on_error(const char* text) {
  core::log(core::LogLevel::kError, std::string("MuJoCo cannot go on: ") + text);
  std::abort();
}

void install_handlers() {
  static std::once_flag once;
  std::call_once(once, [] {
    mju_user_warning = on_warning;
    mju_user_error = on_error;
  });
}

/// A directory of our own that vanishes with everything in it.
class PrivateDirectory {
 public:
  PrivateDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "takt-mjcf-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
      throw SystemError("cannot make a temporary directory for the simulator's model (" + pattern + ")", errno);
    }
    path_ = pattern;
  }
  ~PrivateDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

struct DeleteModel {
  void operator()(mjModel* model) const noexcept { mj_deleteModel(model); }
};
struct DeleteData {
  void operator()(mjData* data) const noexcept { mj_deleteData(data); }
};
using ModelPointer = std::unique_ptr<mjModel, DeleteModel>;
using DataPointer = std::unique_ptr<mjData, DeleteData>;

void write_file(const std::filesystem::path& path, const std::string& text) {
  errno = 0;
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) {
    throw SystemError("cannot write " + path.string(), errno != 0 ? errno : EIO);
  }
}

ModelPointer compile(const std::string& name, const std::string& text) {
  install_handlers();
  static std::mutex one_at_a_time;  // the compiler swaps the global handlers above while it runs
  const std::lock_guard lock(one_at_a_time);
  const PrivateDirectory directory;
  const std::filesystem::path file = directory.path() / "model.xml";
  write_file(file, text);
  std::array<char, 1000> error{};
  ModelPointer model(mj_loadXML(file.c_str(), nullptr, error.data(), static_cast<int>(error.size())));
  if (model == nullptr) {
    throw ConfigError("model '" + name + "'", 0, "", "MuJoCo refuses it: " + std::string(error.data()));
  }
  return model;
}

}  // namespace

struct MujocoWorld::Impl {
  ModelPointer model;
  DataPointer data;
  std::size_t dof;
  int flange_site;

  [[nodiscard]] core::JointVector read(const mjtNum* values) const noexcept {
    return core::JointVector(std::span<const double>(values, dof));
  }
};

MujocoWorld::MujocoWorld(const control::ModelData& data, const SimOptions& options) {
  ModelPointer model = compile(data.name, make_mjcf(data, options));
  DataPointer state(mj_makeData(model.get()));
  if (state == nullptr) {
    throw SystemError("no memory for the simulation of '" + data.name + "'", ENOMEM);
  }
  const int flange_site = mj_name2id(model.get(), mjOBJ_SITE, "flange");
  impl_ = std::make_unique<Impl>(Impl{std::move(model), std::move(state), data.dof(), flange_site});
  core::JointVector home = core::JointVector::zero(dof());
  std::copy_n(data.home_rad.begin(), std::min(data.home_rad.size(), dof()), home.begin());
  set_state(home, core::JointVector::zero(dof()));
}

MujocoWorld::~MujocoWorld() = default;

std::size_t MujocoWorld::dof() const noexcept {
  return impl_->dof;
}

void MujocoWorld::set_state(const core::JointVector& q_rad, const core::JointVector& dq_rad_s) noexcept {
  if (q_rad.size() != dof() || dq_rad_s.size() != dof()) {
    return;
  }
  std::copy(q_rad.begin(), q_rad.end(), impl_->data->qpos);
  std::copy(dq_rad_s.begin(), dq_rad_s.end(), impl_->data->qvel);
  mj_step1(impl_->model.get(), impl_->data.get());
}

core::JointVector MujocoWorld::q_rad() const noexcept {
  return impl_->read(impl_->data->qpos);
}

core::JointVector MujocoWorld::dq_rad_s() const noexcept {
  return impl_->read(impl_->data->qvel);
}

void MujocoWorld::step(const core::JointVector& control) noexcept {
  std::copy_n(control.begin(), std::min(control.size(), dof()), impl_->data->ctrl);
  mj_step2(impl_->model.get(), impl_->data.get());
  mj_step1(impl_->model.get(), impl_->data.get());
}

void MujocoWorld::step_locked() noexcept {
  mjData& data = *impl_->data;
  data.time += impl_->model->opt.timestep;
  std::fill_n(data.actuator_force, dof(), 0.0);
  if (std::any_of(data.qvel, data.qvel + dof(), [](double v) { return v != 0.0; })) {
    std::fill_n(data.qvel, dof(), 0.0);
    mj_step1(impl_->model.get(), impl_->data.get());
  }
}

// Joint i carries everything behind it: g_i = −a_i · ((c_i − o_i) × m_i·γ) with axis a_i, a point o_i on it, mass m_i
// and centre of mass c_i of the subtree, γ the acceleration of gravity.
core::JointVector MujocoWorld::gravity_torque_nm() const noexcept {
  const mjModel& model = *impl_->model;
  const mjData& data = *impl_->data;
  const Eigen::Vector3d gravity = Eigen::Map<const Eigen::Vector3d>(model.opt.gravity);
  core::JointVector torque = core::JointVector::zero(dof());
  for (std::size_t i = 0; i < dof(); ++i) {
    const int body = model.jnt_bodyid[i];
    const Eigen::Map<const Eigen::Vector3d> axis(data.xaxis + 3 * i);
    const Eigen::Map<const Eigen::Vector3d> anchor(data.xanchor + 3 * i);
    const Eigen::Map<const Eigen::Vector3d> center(data.subtree_com + 3 * body);
    const Eigen::Vector3d arm = center - anchor;
    torque[i] = -axis.dot(arm.cross(model.body_subtreemass[body] * gravity));
  }
  return torque;
}

core::JointVector MujocoWorld::actuator_torque_nm() const noexcept {
  return impl_->read(impl_->data->actuator_force);
}

core::JointVector MujocoWorld::mass_times(const core::JointVector& v) const noexcept {
  core::JointVector product = core::JointVector::zero(dof());
  if (v.size() == dof()) {
    mj_mulM(impl_->model.get(), impl_->data.get(), product.data(), v.data());
  }
  return product;
}

Eigen::MatrixXd MujocoWorld::mass_matrix() const {
  const auto n = static_cast<Eigen::Index>(dof());
  Eigen::MatrixXd mass(n, n);
  for (Eigen::Index column = 0; column < n; ++column) {
    core::JointVector unit = core::JointVector::zero(dof());
    unit[static_cast<std::size_t>(column)] = 1.0;
    mass.col(column) = mass_times(unit).eigen();
  }
  return mass;
}

core::Pose MujocoWorld::flange_pose() const noexcept {
  const mjData& data = *impl_->data;
  core::Pose X_BF = core::Pose::Identity();
  X_BF.linear() =
      Eigen::Map<const Eigen::Matrix<double, 3, 3, Eigen::RowMajor>>(data.site_xmat + 9 * impl_->flange_site);
  X_BF.translation() = Eigen::Map<const Eigen::Vector3d>(data.site_xpos + 3 * impl_->flange_site);
  return X_BF;
}

double MujocoWorld::time_s() const noexcept {
  return impl_->data->time;
}

bool MujocoWorld::diverged() const noexcept {
  const mjData& data = *impl_->data;
  return data.warning[mjWARN_BADQPOS].number > 0 || data.warning[mjWARN_BADQVEL].number > 0 ||
         data.warning[mjWARN_BADQACC].number > 0 || data.warning[mjWARN_BADCTRL].number > 0;
}

}  // namespace takt::robots::sim
