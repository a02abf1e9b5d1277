#include "takt/controller/errors.hpp"

namespace takt::controller {

std::string_view to_text(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::kSize:
      return "not one number per joint";
    case Refusal::kNotFinite:
      return "a number is not finite";
    case Refusal::kRotation:
      return "the rotation is none";
    case Refusal::kRange:
      return "outside the joints' range";
    case Refusal::kSpeed:
      return "faster than the limits allow";
    case Refusal::kUnreachable:
      return "out of reach";
    case Refusal::kWorkspace:
      return "outside the workspace";
    case Refusal::kCollision:
      return "the arm would touch itself";
    case Refusal::kTime:
      return "its times make no sense";
    case Refusal::kLaw:
      return "the law does not follow such targets";
    case Refusal::kEmpty:
      return "no actions, or too many";
  }
  return "refused";
}

FaultError fault_error(std::string_view arm, const control::FaultReport& report) {
  return {report, std::string(arm) + " has a fault: " + control::describe(report) +
                      "; see to its cause, then recover() clears it and starts again"};
}

}  // namespace takt::controller
