#include "takt/controller/internal/failure.hpp"

#include <cstddef>
#include <string>

#include "takt/core/error.hpp"

namespace takt::controller::internal {
namespace {

constexpr std::size_t kMaxText = 4096;

template <class T>
bool is_a(const std::exception& error) noexcept {
  return dynamic_cast<const T*>(&error) != nullptr;
}

/// The narrow ones first: most of them are DeviceErrors.
ErrorKind kind_of(const std::exception& error) noexcept {
  if (is_a<DeviceError>(error)) {
    return is_a<FaultError>(error)          ? ErrorKind::kFault
           : is_a<NotRunningError>(error)   ? ErrorKind::kNotRunning
           : is_a<NotCommanderError>(error) ? ErrorKind::kNotCommander
           : is_a<ProtocolError>(error)     ? ErrorKind::kProtocol
                                            : ErrorKind::kDevice;
  }
  return is_a<TargetError>(error)   ? ErrorKind::kTarget
         : is_a<ConfigError>(error) ? ErrorKind::kConfig
         : is_a<SystemError>(error) ? ErrorKind::kSystem
         : is_a<LogicError>(error)  ? ErrorKind::kLogic
                                    : ErrorKind::kOther;
}

}  // namespace

Failed to_failure(const std::exception& error) {
  Failed failure{
      .kind = kind_of(error), .text = std::string(error.what()).substr(0, kMaxText), .refusal = 0, .fault = {}};
  if (const auto* target = dynamic_cast<const TargetError*>(&error)) {
    failure.refusal = static_cast<std::uint8_t>(target->refusal());
  } else if (const auto* fault = dynamic_cast<const FaultError*>(&error)) {
    failure.fault = fault->report();
  }
  return failure;
}

void throw_failure(const Failed& failure) {
  switch (failure.kind) {
    case ErrorKind::kConfig:
      throw ConfigError(failure.text);
    case ErrorKind::kDevice:
      throw DeviceError(failure.text);
    case ErrorKind::kSystem:
      throw SystemError(failure.text);
    case ErrorKind::kLogic:
      throw LogicError(failure.text);
    case ErrorKind::kTarget:
      throw TargetError(static_cast<Refusal>(failure.refusal), failure.text);
    case ErrorKind::kFault:
      throw FaultError(failure.fault, failure.text);
    case ErrorKind::kNotRunning:
      throw NotRunningError(failure.text);
    case ErrorKind::kNotCommander:
      throw NotCommanderError(failure.text);
    case ErrorKind::kProtocol:
      throw ProtocolError(failure.text);
    case ErrorKind::kOther:
      break;
  }
  throw Error(failure.text);
}

}  // namespace takt::controller::internal
