#include "takt/control/fault.hpp"

#include <array>
#include <cstdio>

namespace takt::control {

std::string_view to_text(Fault fault) noexcept {
  switch (fault) {
    case Fault::kNone:
      return "no fault";
    case Fault::kRequested:
      return "a safe stop was requested";
    case Fault::kStale:
      return "no fresh command came for too long";
    case Fault::kArmError:
      return "the arm reports an error";
    case Fault::kDisconnected:
      return "the arm is disconnected";
    case Fault::kTimeouts:
      return "the arm sends no states";
    case Fault::kLostStates:
      return "too many states were lost at once";
    case Fault::kStateSize:
      return "a state has the wrong number of joints";
    case Fault::kStateNotFinite:
      return "a state is not finite";
    case Fault::kStateOrder:
      return "a state is not newer than the one before";
    case Fault::kPositionLimit:
      return "position outside the range";
    case Fault::kVelocityLimit:
      return "velocity above the limit";
    case Fault::kTrackingError:
      return "the arm does not follow its setpoint";
    case Fault::kLawOutput:
      return "the control law gave no usable torque";
    case Fault::kBrakes:
      return "the brakes do not do as told";
  }
  return "unknown fault";
}

std::string_view to_text(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::kOk:
      return "ok";
    case Outcome::kTimeout:
      return "no answer in time";
    case Outcome::kNotReady:
      return "not started, or brakes on";
    case Outcome::kInvalid:
      return "argument not finite, of the wrong size or outside the limits";
    case Outcome::kFault:
      return "the device reports an error";
    case Outcome::kDisconnected:
      return "the device is gone";
  }
  return "unknown outcome";
}

std::string describe(const FaultReport& report) {
  std::string text;
  if (report.joint != 0) {
    text = "joint " + std::to_string(report.joint) + ": ";
  }
  text += to_text(report.fault);
  if (report.value != 0.0 || report.limit != 0.0) {
    std::array<char, 80> numbers{};
    std::snprintf(numbers.data(), numbers.size(), " (%.4g, allowed %.4g)", report.value, report.limit);
    text += numbers.data();
  }
  return text;
}

}  // namespace takt::control
