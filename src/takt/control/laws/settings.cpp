#include "takt/control/laws/settings.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "takt/control/laws/gravity_compensation_law.hpp"
#include "takt/control/laws/hybrid_impedance_law.hpp"
#include "takt/control/laws/joint_impedance_law.hpp"
#include "takt/control/laws/joint_pid_law.hpp"
#include "takt/control/laws/joint_torque_law.hpp"
#include "takt/control/laws/operational_space_law.hpp"
#include "takt/core/error.hpp"

namespace takt::control {
namespace {

constexpr std::array<std::string_view, std::variant_size_v<LawSettings>> kNames = {
    JointImpedanceLaw::kName,  JointPidLaw::kName,    OperationalSpaceLaw::kName,
    HybridImpedanceLaw::kName, JointTorqueLaw::kName, GravityCompensationLaw::kName};

using DefaultOf = LawSettings (*)();

template <std::size_t... kIndex>
constexpr auto defaults_of(std::index_sequence<kIndex...> /*all*/) {
  return std::array<DefaultOf, sizeof...(kIndex)>{[] { return LawSettings(std::in_place_index<kIndex>); }...};
}

// Every field of every law, once. `f` takes its name and the field.

template <class F>
void visit_fields(JointImpedance& s, const F& f) {
  f("stiffness_nm_rad", s.stiffness_nm_rad);
  f("damping_nm_s_rad", s.damping_nm_s_rad);
  f("inertial_damping_1_s", s.inertial_damping_1_s);
  f("friction_share", s.friction_share);
  f("max_feedback_nm", s.max_feedback_nm);
}

template <class F>
void visit_fields(JointPid& s, const F& f) {
  f("proportional_nm_rad", s.proportional_nm_rad);
  f("integral_nm_rad_s", s.integral_nm_rad_s);
  f("derivative_nm_s_rad", s.derivative_nm_s_rad);
  f("max_integral_nm", s.max_integral_nm);
  f("max_feedback_nm", s.max_feedback_nm);
  f("inertial_damping_1_s", s.inertial_damping_1_s);
  f("friction_share", s.friction_share);
}

template <class F>
void visit_fields(OperationalSpace& s, const F& f) {
  f("stiffness_1_s2", s.stiffness_1_s2);
  f("damping_ratio", s.damping_ratio);
  f("posture_stiffness_1_s2", s.posture_stiffness_1_s2);
  f("posture_damping_ratio", s.posture_damping_ratio);
  f("friction_share", s.friction_share);
  f("max_force_n", s.max_force_n);
  f("max_moment_nm", s.max_moment_nm);
}

template <class F>
void visit_fields(HybridImpedance& s, const F& f) {
  f("stiffness", s.stiffness);
  f("damping", s.damping);
  f("joint_stiffness_nm_rad", s.joint_stiffness_nm_rad);
  f("joint_damping_nm_s_rad", s.joint_damping_nm_s_rad);
  f("max_feedback_nm", s.max_feedback_nm);
  f("inertial_damping_1_s", s.inertial_damping_1_s);
  f("friction_share", s.friction_share);
  f("max_force_n", s.max_force_n);
  f("max_moment_nm", s.max_moment_nm);
}

template <class F>
void visit_fields(JointTorque& s, const F& f) {
  f("damping_nm_s_rad", s.damping_nm_s_rad);
}

template <class F>
void visit_fields(GravityCompensation& s, const F& f) {
  f("damping_nm_s_rad", s.damping_nm_s_rad);
  f("friction_share", s.friction_share);
}

/// Each says what it wants when it cannot take the values, and nothing when it has.
std::string_view assign(double& field, std::span<const double> values) {
  if (values.size() != 1) {
    return "one number";
  }
  field = values[0];
  return {};
}

std::string_view assign(core::JointVector& field, std::span<const double> values) {
  if (values.size() > core::kMaxJoints) {
    return "one number per joint";
  }
  field = core::JointVector(values);
  return {};
}

std::string_view assign(ToolAxes& field, std::span<const double> values) {
  if (values.size() != field.size()) {
    return "six numbers: x, y, z, and about x, y, z";
  }
  std::ranges::copy(values, field.begin());
  return {};
}

std::string_view assign(std::optional<ToolAxes>& field, std::span<const double> values) {
  return assign(field.emplace(), values);
}

std::unique_ptr<Law> law_of(const JointImpedance& settings, const Model& model) {
  return std::make_unique<JointImpedanceLaw>(settings, model);
}
std::unique_ptr<Law> law_of(const JointPid& settings, const Model& model) {
  return std::make_unique<JointPidLaw>(settings, model);
}
std::unique_ptr<Law> law_of(const OperationalSpace& settings, const Model& model) {
  return std::make_unique<OperationalSpaceLaw>(settings, model);
}
std::unique_ptr<Law> law_of(const HybridImpedance& settings, const Model& model) {
  return std::make_unique<HybridImpedanceLaw>(settings, model);
}
std::unique_ptr<Law> law_of(const JointTorque& settings, const Model& model) {
  return std::make_unique<JointTorqueLaw>(settings, model);
}
std::unique_ptr<Law> law_of(const GravityCompensation& settings, const Model& model) {
  return std::make_unique<GravityCompensationLaw>(settings, model);
}

}  // namespace

std::span<const std::string_view> law_names() noexcept {
  return kNames;
}

std::string_view law_name(const LawSettings& settings) noexcept {
  return kNames[settings.index()];
}

std::optional<LawSettings> find_law(std::string_view name) {
  static constexpr auto kDefaults = defaults_of(std::make_index_sequence<kNames.size()>());
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) {
    return std::nullopt;
  }
  return kDefaults[static_cast<std::size_t>(found - kNames.begin())]();
}

void set_field(LawSettings& settings, std::string_view field, std::span<const double> values) {
  std::string known;
  bool found = false;
  std::string_view wanted;
  std::visit(
      [&](auto& alternative) {
        visit_fields(alternative, [&](std::string_view name, auto& member) {
          known += (known.empty() ? "" : ", ") + std::string(name);
          if (name == field) {
            found = true;
            wanted = assign(member, values);
          }
        });
      },
      settings);
  const std::string law(law_name(settings));
  if (!found) {
    throw ConfigError(law, 0, std::string(field), "unknown field; there are " + known);
  }
  if (!wanted.empty()) {
    throw ConfigError(law, 0, std::string(field), fmt::format("takes {}, not {} values", wanted, values.size()));
  }
}

LawSettings filled(const LawSettings& settings, const Model& model) {
  return std::visit([&](const auto& alternative) { return LawSettings(filled(alternative, model)); }, settings);
}

std::unique_ptr<Law> make_law(const LawSettings& settings, const Model& model) {
  return std::visit([&](const auto& alternative) { return law_of(alternative, model); }, settings);
}

}  // namespace takt::control
