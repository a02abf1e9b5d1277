#include "takt/controller/internal/arm_host.hpp"

#include <cstring>
#include <limits>
#include <memory>
#include <utility>

#include <fmt/core.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/core/time.hpp"

namespace takt::controller::internal {
namespace {

using control::CyclePorts;
using core::SharedMemory;

// A lease ends with its connection, not with time: who commands may be silent for an hour, and the cycle holds the arm.
constexpr core::Nanoseconds kNow_ns = 0;

ControllerOptions with_ports(ControllerOptions options, StateSegment& state, CommandSegment& command,
                             control::Lease& lease) {
  options.ports = CyclePorts{.state = &state.port, .command = &command.port, .lease = &lease};
  return options;
}

}  // namespace

ArmHost::ArmHost(std::string name, std::unique_ptr<control::Arm> arm, ControllerOptions options)
    : name_(std::move(name)),
      valid_for_ns_(options.valid_for.count()),
      state_memory_(
          SharedMemory::create("takt." + name_ + ".state", sizeof(StateSegment), SharedMemory::Locking::kLocked)),
      command_memory_(
          SharedMemory::create("takt." + name_ + ".command", sizeof(CommandSegment), SharedMemory::Locking::kLocked)),
      state_reader_(state_memory_.read_only_descriptor()),
      state_(*std::construct_at(static_cast<StateSegment*>(state_memory_.data()))),
      command_(*std::construct_at(static_cast<CommandSegment*>(command_memory_.data()))),
      controller_(
          std::make_unique<Controller>(std::move(arm), with_ports(std::move(options), state_, command_, lease_))) {
  refresh();
}

Welcome ArmHost::welcome() const {
  return {.server = name_,
          .process = getpid(),
          .layout = layout_of_this_build(),
          .model = to_wire(controller_->model()),
          .bounds = controller_->bounds(),
          .valid_for_ns = valid_for_ns_};
}

control::LeaseEpoch ArmHost::acquire(std::string_view holder, bool take_over, control::LeaseEpoch own) {
  if (closed_) {
    throw DeviceError(name_ + " is shutting down");
  }
  const auto present = lease_.holder(kNow_ns);
  const auto epoch = present && (take_over || present->epoch == own)
                         ? lease_.hand_over(present->epoch, holder, kNow_ns, control::kUnlimited)
                         : lease_.acquire(holder, kNow_ns, control::kUnlimited);
  if (!epoch) {
    refuse(epoch.error());
  }
  if (present) {
    controller_->halt();
  }
  show_commander();
  return *epoch;
}

void ArmHost::refuse(control::LeaseError error) const {
  if (error == control::LeaseError::kInvalid) {
    throw LogicError("to command, one needs a name");
  }
  if (error == control::LeaseError::kSpent) {
    throw DeviceError(name_ + " has given its lease 2^32 times: stop and serve it again");
  }
  const auto present = lease_.holder(kNow_ns);
  throw NotCommanderError(fmt::format("{} is commanded by {}; take it over explicitly, or wait until it is released",
                                      name_, present ? present->name.view() : "nobody any more"));
}

void ArmHost::close() {
  closed_ = true;
  lease_.revoke();
  show_commander();
}

bool ArmHost::is_commander(control::LeaseEpoch epoch) const {
  const auto present = lease_.holder(kNow_ns);
  return present && present->epoch == epoch;
}

void ArmHost::release(control::LeaseEpoch epoch) {
  if (epoch != 0 && lease_.release(epoch)) {
    controller_->halt();
    show_commander();
  }
}

bool ArmHost::has_halted() const noexcept {
  const control::CycleMode mode = state_.port.mode.load(std::memory_order_acquire);
  const std::uint32_t requests = command_.port.requests.load(std::memory_order_acquire);
  return (requests & control::CommandPort::kHaltRequest) == 0 || mode == control::CycleMode::kStopped ||
         mode == control::CycleMode::kFaulted;
}

void ArmHost::require_commander(control::LeaseEpoch epoch) const {
  const auto present = lease_.holder(kNow_ns);
  if (!present) {
    throw NotCommanderError(name_ + " is commanded by nobody: the lease has to be acquired first");
  }
  if (present->epoch != epoch) {
    throw NotCommanderError(fmt::format("{} is commanded by {}", name_, present->name.view()));
  }
}

void ArmHost::show_commander() {
  const auto present = lease_.holder(kNow_ns);
  const CommanderNow now = present ? CommanderNow{.epoch = present->epoch, .name = present->name} : CommanderNow{};
  state_.commander.store(now);  // first the name: who sees another epoch finds whose it is
  state_.epoch.store(now.epoch, std::memory_order_release);
}

ArmHost::EvidenceMemory ArmHost::keep(const std::vector<control::CycleState>& cycles) {
  if (cycles.empty()) {
    return {};
  }
  const core::Nanoseconds stamp_ns = cycles.back().measured.stamp_ns;
  if (!evidence_reader_ || evidence_stamp_ns_ != stamp_ns || evidence_cycles_ != cycles.size()) {
    const std::size_t bytes = cycles.size() * sizeof(control::CycleState);
    SharedMemory memory = SharedMemory::create("takt." + name_ + ".evidence", bytes);
    std::memcpy(memory.data(), cycles.data(), bytes);
    evidence_reader_ = FileDescriptor(memory.read_only_descriptor());
    evidence_stamp_ns_ = stamp_ns;
    evidence_cycles_ = cycles.size();
  }
  return {.descriptor = evidence_reader_.get(), .cycles = evidence_cycles_};
}

void ArmHost::refresh() {
  state_.stats.store(controller_->stats());
  static_cast<void>(controller_->save_evidence());
}

}  // namespace takt::controller::internal
