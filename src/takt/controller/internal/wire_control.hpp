#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include <boost/describe.hpp>

#include "takt/control/cycle_options.hpp"
#include "takt/control/fault.hpp"
#include "takt/control/laws/settings.hpp"
#include "takt/control/motion/limits.hpp"
#include "takt/messages/cdr.hpp"

/// What travels as it is in memory: control's own values, described here, since control knows of no bytes. A member
/// that is added there and forgotten here is a compile error in wire.cpp.
namespace takt::control {

BOOST_DESCRIBE_STRUCT(FaultReport, (), (fault, joint, value, limit, stamp_ns))
BOOST_DESCRIBE_STRUCT(JointLimits, (),
                      (position_min_rad, position_max_rad, velocity_rad_s, acceleration_rad_s2, jerk_rad_s3, torque_nm,
                       torque_rate_nm_s, envelope_velocity_offset_rad_s, envelope_deceleration_rad_s2))
BOOST_DESCRIBE_STRUCT(Workspace, (), (lowest_m, highest_m))
BOOST_DESCRIBE_STRUCT(JointImpedance, (),
                      (stiffness_nm_rad, damping_nm_s_rad, inertial_damping_1_s, friction_share, max_feedback_nm))
BOOST_DESCRIBE_STRUCT(JointPid, (),
                      (proportional_nm_rad, integral_nm_rad_s, derivative_nm_s_rad, max_integral_nm, max_feedback_nm,
                       inertial_damping_1_s, friction_share))
BOOST_DESCRIBE_STRUCT(OperationalSpace, (),
                      (stiffness_1_s2, damping_ratio, posture_stiffness_1_s2, posture_damping_ratio, friction_share,
                       max_force_n, max_moment_nm))
BOOST_DESCRIBE_STRUCT(HybridImpedance, (),
                      (stiffness, damping, joint_stiffness_nm_rad, joint_damping_nm_s_rad, max_feedback_nm,
                       inertial_damping_1_s, friction_share, max_force_n, max_moment_nm))
BOOST_DESCRIBE_STRUCT(JointTorque, (), (damping_nm_s_rad))
BOOST_DESCRIBE_STRUCT(GravityCompensation, (), (damping_nm_s_rad, friction_share))

}  // namespace takt::control

namespace takt::messages {

/// A uint32 that counts the alternatives from 0, then that alternative.
template <class... Ts>
struct CdrForm<std::variant<Ts...>> {
  static constexpr bool kEncodable = (CdrEncodable<Ts> && ...);
  static constexpr std::size_t kLeastSize = sizeof(std::uint32_t);

  static constexpr void write(auto& out, const std::variant<Ts...>& value) {
    out.number(static_cast<std::uint32_t>(value.index()));
    std::visit([&]<class T>(const T& alternative) { CdrForm<T>::write(out, alternative); }, value);
  }
  static bool read(CdrReader& in, std::variant<Ts...>& value) {
    std::uint32_t index = 0;
    if (!in.number(index)) {
      return false;
    }
    bool good = false;
    const bool known = [&]<std::size_t... I>(std::index_sequence<I...>) {
      return ((index == I && ((good = CdrForm<Ts>::read(in, value.template emplace<I>())), true)) || ...);
    }(std::index_sequence_for<Ts...>());
    return known ? good : in.fail("alternative " + std::to_string(index) + " of " + std::to_string(sizeof...(Ts)));
  }
};

}  // namespace takt::messages
