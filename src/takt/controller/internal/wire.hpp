#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/describe.hpp>

#include "takt/control/fault.hpp"
#include "takt/control/laws/settings.hpp"
#include "takt/control/lease.hpp"
#include "takt/control/model/model.hpp"
#include "takt/controller/errors.hpp"
#include "takt/controller/internal/packet.hpp"
#include "takt/controller/internal/target_check.hpp"
#include "takt/controller/internal/wire_control.hpp"
#include "takt/core/fixed_string.hpp"
#include "takt/core/geometry.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/messages/cdr.hpp"

/// What is inside of the packets of packet.hpp: one struct per type, in CDR. docs/formats/controller-protocol.md says
/// when each is sent.
namespace takt::controller::internal {

/// Rotation by columns, then translation [m]: exact, and what is no rotation arrives as that.
using WirePose = std::array<double, 12>;

struct WireInertia {
  double mass_kg{0.0};
  std::array<double, 3> p_LC_m{};
  std::array<double, 9> I_C_kg_m2{};  ///< by columns
};
BOOST_DESCRIBE_STRUCT(WireInertia, (), (mass_kg, p_LC_m, I_C_kg_m2))

struct WireJoint {
  std::string name{};
  WirePose X_PJ{};
  std::array<double, 3> axis_J{};
  control::JointLimits limits{};
  WireInertia link{};
  double damping_nm_s_rad{0.0};
  double friction_nm{0.0};
  double armature_kg_m2{0.0};
};
BOOST_DESCRIBE_STRUCT(WireJoint, (), (name, X_PJ, axis_J, limits, link, damping_nm_s_rad, friction_nm, armature_kg_m2))

struct WireCapsule {
  std::uint32_t link{0};
  std::array<double, 3> p_LP_m{};
  std::array<double, 3> p_LQ_m{};
  double radius_m{0.0};
};
BOOST_DESCRIBE_STRUCT(WireCapsule, (), (link, p_LP_m, p_LQ_m, radius_m))

/// ModelData, and what is attached to the flange.
struct WireModel {
  std::string name{};
  std::vector<WireJoint> joints{};
  WirePose X_LF{};
  std::uint32_t flange_link{0};
  std::array<double, 3> gravity_B_m_s2{};
  std::vector<double> home_rad{};
  std::vector<WireCapsule> capsules{};
  std::vector<std::array<std::uint32_t, 2>> harmless_pairs{};
  WirePose X_FE{};
  std::optional<WireInertia> payload_F{};
};
BOOST_DESCRIBE_STRUCT(WireModel, (),
                      (name, joints, X_LF, flange_link, gravity_B_m_s2, home_rad, capsules, harmless_pairs, X_FE,
                       payload_F))

[[nodiscard]] WirePose to_wire(const core::Pose& X) noexcept;
[[nodiscard]] core::Pose from_wire(const WirePose& X) noexcept;
[[nodiscard]] WireInertia to_wire(const control::LinkInertia& inertia) noexcept;
[[nodiscard]] control::LinkInertia from_wire(const WireInertia& inertia) noexcept;
[[nodiscard]] WireModel to_wire(const control::Model& model);
/// @throws LogicError when that is no model of an arm.
[[nodiscard]] control::Model from_wire(const WireModel& model);

/// How the values lie in shared memory, which both sides read as it is. Equal, or the two were not built alike.
struct WireLayout {
  std::uint32_t state_segment{0};  ///< sizeof, as all of them
  std::uint32_t command_segment{0};
  std::uint32_t cycle_state{0};
  std::uint32_t cycle_stats{0};
  std::uint32_t fault_report{0};
  std::uint32_t command{0};
  friend bool operator==(const WireLayout&, const WireLayout&) = default;
};
BOOST_DESCRIBE_STRUCT(WireLayout, (), (state_segment, command_segment, cycle_state, cycle_stats, fault_report, command))

BOOST_DESCRIBE_STRUCT(TargetBounds, (),
                      (lowest_rad, highest_rad, speed_rad_s, speed_m_s, rotation_speed_rad_s, workspace,
                       self_collision_margin_m))

// --- from the server -----------------------------------------------------------------------------------------------

struct Welcome {
  static constexpr PacketType kType = PacketType::kWelcome;
  std::string server{};
  std::int32_t process{0};
  WireLayout layout{};
  WireModel model{};
  TargetBounds bounds{};         ///< what targets are held against
  std::int64_t valid_for_ns{0};  ///< of targets that do not say it themselves
};
BOOST_DESCRIBE_STRUCT(Welcome, (), (server, process, layout, model, bounds, valid_for_ns))

struct Done {
  static constexpr PacketType kType = PacketType::kDone;
};
BOOST_DESCRIBE_STRUCT(Done, (), ())

/// Which exception a failure is.
enum class ErrorKind : std::uint8_t {
  kOther,
  kConfig,
  kDevice,
  kSystem,
  kLogic,
  kTarget,
  kFault,
  kNotRunning,
  kNotCommander,
  kProtocol,
};
BOOST_DESCRIBE_ENUM(ErrorKind, kOther, kConfig, kDevice, kSystem, kLogic, kTarget, kFault, kNotRunning, kNotCommander,
                    kProtocol)

struct Failed {
  static constexpr PacketType kType = PacketType::kFailed;
  ErrorKind kind{ErrorKind::kOther};
  std::string text{};
  std::uint8_t refusal{0};       ///< kTarget
  control::FaultReport fault{};  ///< kFault
};
BOOST_DESCRIBE_STRUCT(Failed, (), (kind, text, refusal, fault))

struct LeaseGiven {
  static constexpr PacketType kType = PacketType::kLeaseGiven;
  control::LeaseEpoch epoch{0};
  WireModel model{};  ///< as it is now: the commander before may have changed the tool
};
BOOST_DESCRIBE_STRUCT(LeaseGiven, (), (epoch, model))

struct EvidenceKept {
  static constexpr PacketType kType = PacketType::kEvidenceKept;
  std::uint64_t cycles{0};  ///< CycleStates in the memory that comes along; 0: no memory does
};
BOOST_DESCRIBE_STRUCT(EvidenceKept, (), (cycles))

/// What the state segment does not say.
struct StatusNow {
  static constexpr PacketType kType = PacketType::kStatusNow;
  std::uint32_t clients{0};
  std::uint64_t refused_commands{0};  ///< of commanders that were none any more
  std::uint64_t refused_clients{0};   ///< connections closed for what they sent, or did not read
};
BOOST_DESCRIBE_STRUCT(StatusNow, (), (clients, refused_commands, refused_clients))

// --- from a client -------------------------------------------------------------------------------------------------

struct Start {
  static constexpr PacketType kType = PacketType::kStart;
};
BOOST_DESCRIBE_STRUCT(Start, (), ())

struct Stop {
  static constexpr PacketType kType = PacketType::kStop;
};
BOOST_DESCRIBE_STRUCT(Stop, (), ())

struct Recover {
  static constexpr PacketType kType = PacketType::kRecover;
};
BOOST_DESCRIBE_STRUCT(Recover, (), ())

struct Use {
  static constexpr PacketType kType = PacketType::kUse;
  control::LawSettings law{};
};
BOOST_DESCRIBE_STRUCT(Use, (), (law))

struct SetTool {
  static constexpr PacketType kType = PacketType::kSetTool;
  WirePose X_FE{};
};
BOOST_DESCRIBE_STRUCT(SetTool, (), (X_FE))

struct SetPayload {
  static constexpr PacketType kType = PacketType::kSetPayload;
  WireInertia payload_F{};
};
BOOST_DESCRIBE_STRUCT(SetPayload, (), (payload_F))

struct Acquire {
  static constexpr PacketType kType = PacketType::kAcquire;
  core::FixedString<32> holder{};
  bool take_over{false};
};
BOOST_DESCRIBE_STRUCT(Acquire, (), (holder, take_over))

struct Release {
  static constexpr PacketType kType = PacketType::kRelease;
};
BOOST_DESCRIBE_STRUCT(Release, (), ())

struct Evidence {
  static constexpr PacketType kType = PacketType::kEvidence;
};
BOOST_DESCRIBE_STRUCT(Evidence, (), ())

struct SafeStop {
  static constexpr PacketType kType = PacketType::kSafeStop;
};
BOOST_DESCRIBE_STRUCT(SafeStop, (), ())

struct ShutDown {
  static constexpr PacketType kType = PacketType::kShutDown;
};
BOOST_DESCRIBE_STRUCT(ShutDown, (), ())

struct Status {
  static constexpr PacketType kType = PacketType::kStatus;
};
BOOST_DESCRIBE_STRUCT(Status, (), ())

// --- whole packets -------------------------------------------------------------------------------------------------

template <class Body>
[[nodiscard]] std::vector<std::byte> pack(std::uint64_t number, const Body& body) {
  return make_packet(Body::kType, number, messages::to_cdr(body));
}

/// The body of a packet of that type. @pre packet.type == Body::kType
template <class Body>
[[nodiscard]] Expected<Body, messages::DecodeError> unpack(const PacketView& packet) {
  return messages::from_cdr<Body>(packet.body);
}

}  // namespace takt::controller::internal
