#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "takt/control/fault.hpp"
#include "takt/core/error.hpp"

namespace takt::controller {

/// Why a target was refused. Nothing was done then, and what the arm does goes on.
enum class Refusal : std::uint8_t {
  kSize,         ///< not one number per joint
  kNotFinite,    ///< NaN or infinity
  kRotation,     ///< a rotation that is none: some element of RᵀR − 1 is beyond 1e-3, or it is a reflection
  kRange,        ///< outside the joints' range
  kSpeed,        ///< the target moves as fast as the limits allow, or faster
  kUnreachable,  ///< no posture inside the joints' range has this pose
  kWorkspace,    ///< outside the workspace box
  kCollision,    ///< the arm would touch itself there
  kTime,         ///< stamped in the future, valid for no time or (torques) too long, actions that do not rise in time
  kLaw,          ///< the law in use does not follow such targets
  kEmpty,        ///< a chunk without actions, or with too many
};
[[nodiscard]] std::string_view to_text(Refusal refusal) noexcept;

/// A target that cannot be followed. The message has the values.
class TargetError : public Error {
 public:
  TargetError(Refusal refusal, const std::string& what) : Error(what), refusal_(refusal) {}
  [[nodiscard]] Refusal refusal() const noexcept { return refusal_; }

 private:
  Refusal refusal_;
};

/// The arm has a fault; the message says which and what to do. Latched until recover().
class FaultError : public DeviceError {
 public:
  FaultError(const control::FaultReport& report, const std::string& what) : DeviceError(what), report_(report) {}
  [[nodiscard]] const control::FaultReport& report() const noexcept { return report_; }

 private:
  control::FaultReport report_;
};

/// "fr3 has a fault: …", and what to do.
[[nodiscard]] FaultError fault_error(std::string_view arm, const control::FaultReport& report);

/// The arm is not started, or was stopped.
class NotRunningError : public DeviceError {
 public:
  using DeviceError::DeviceError;
};

/// Somebody else commands the arm, or took it over, or nobody does; the message says which and names who.
class NotCommanderError : public DeviceError {
 public:
  using DeviceError::DeviceError;
};

/// The process that runs the arm is gone.
class ServerDiedError : public DeviceError {
 public:
  using DeviceError::DeviceError;
};

/// The other side speaks another version of the protocol, or nonsense.
class ProtocolError : public DeviceError {
 public:
  using DeviceError::DeviceError;
};

}  // namespace takt::controller
