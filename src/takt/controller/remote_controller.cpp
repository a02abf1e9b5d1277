#include "takt/controller/remote_controller.hpp"

#include <limits>
#include <utility>

#include <fmt/core.h>

#include "takt/controller/errors.hpp"
#include "takt/controller/internal/remote_arm.hpp"
#include "takt/controller/internal/server_socket.hpp"

namespace takt::controller {

using async::Task;
using core::SharedMemory;
using internal::Done;

// --- loads and stores: any thread ----------------------------------------------------------------------------------

void RemoteController::set(const Target& target, TargetOptions options) {
  arm_->require_ready();
  const control::CycleState present = state();
  arm_->submit(arm_->check.read()->target(target, options, arm_->moment(present)));
}

void RemoteController::play(const ActionChunk& chunk, TargetOptions options) {
  arm_->require_ready();
  const control::CycleState present = state();
  arm_->submit(arm_->check.read()->chunk(chunk, options, arm_->moment(present)));
}

void RemoteController::halt() noexcept {
  if (arm_->is_commander()) {
    arm_->told.read()->port->halt();
  }
}

void RemoteController::safe_stop() noexcept {
  if (const auto told = arm_->told.read(); told->port != nullptr) {
    told->port->safe_stop();
  }
  arm_->link->post(internal::SafeStop{});  // in any case: the lease may pass on between a look at it and the store
}

control::CycleState RemoteController::state() const {
  return arm_->state();
}

control::CycleStats RemoteController::stats() const {
  return arm_->load(arm_->seen.stats);
}

control::FaultReport RemoteController::fault() const {
  return arm_->load(arm_->seen.port.fault);
}

std::optional<Commander> RemoteController::commander() const {
  const internal::CommanderNow now = arm_->load(arm_->seen.commander);
  if (now.epoch == 0) {
    return std::nullopt;
  }
  return Commander{.name = std::string(now.name.view()), .epoch = now.epoch};
}

// --- requests: the loop --------------------------------------------------------------------------------------------

RemoteController::RemoteController(std::unique_ptr<internal::RemoteArm> arm) : arm_(std::move(arm)) {}

RemoteController::~RemoteController() = default;

Task<std::unique_ptr<RemoteController>> RemoteController::connect(std::string name, RemoteOptions options) {
  auto arm = co_await internal::RemoteArm::connect(std::move(name), std::move(options));
  co_return std::unique_ptr<RemoteController>(new RemoteController(std::move(arm)));
}

Task<void> RemoteController::acquire(bool take_over) {
  return arm_->acquire(take_over);
}

Task<void> RemoteController::release() {
  static_cast<void>(co_await arm_->link->ask<Done>(internal::Release{}));
}

Task<void> RemoteController::start() {
  return arm_->begin(internal::Start{});
}

Task<void> RemoteController::recover() {
  return arm_->begin(internal::Recover{});
}

Task<void> RemoteController::stop() {
  static_cast<void>(co_await arm_->ask_to_the_end(internal::Stop{}));
}

Task<void> RemoteController::shut_down() {
  static_cast<void>(co_await arm_->ask_to_the_end(internal::ShutDown{}));
}

Task<void> RemoteController::move(Target target, MoveOptions options) {
  co_await async::checkpoint();  // in a cancelled scope the arm does not begin to move
  const internal::Goal goal = arm_->submit_move(target, options);
  co_await internal::await_arrival(*this, goal, options, [this] { arm_->require_commander(); });
}

Task<void> RemoteController::use(control::LawSettings law) {
  static_cast<void>(co_await arm_->link->ask<Done>(internal::Use{.law = law}));
}

Task<void> RemoteController::set_tool(core::Pose X_FE) {
  const auto turn = co_await arm_->changes.lock();
  control::Model changed = arm_->model;
  changed.set_tool(X_FE);
  co_await arm_->change(internal::SetTool{.X_FE = internal::to_wire(X_FE)}, std::move(changed));
}

Task<void> RemoteController::set_payload(control::LinkInertia payload_F) {
  const auto turn = co_await arm_->changes.lock();
  control::Model changed = arm_->model;
  changed.set_payload(payload_F);
  co_await arm_->change(internal::SetPayload{.payload_F = internal::to_wire(payload_F)}, std::move(changed));
}

Task<std::vector<control::CycleState>> RemoteController::evidence() {
  const auto kept = co_await arm_->link->ask<internal::EvidenceKept>(internal::Evidence{});
  const auto count = static_cast<std::size_t>(kept.body.cycles);
  if (count == 0) {
    co_return std::vector<control::CycleState>{};
  }
  if (count > std::numeric_limits<std::size_t>::max() / sizeof(control::CycleState)) {
    throw ProtocolError(fmt::format("the controller's evidence: {} cycles", count));
  }
  const SharedMemory memory =
      SharedMemory::map(kept.descriptor.get(), count * sizeof(control::CycleState), SharedMemory::Access::kReadOnly);
  const auto* first = static_cast<const control::CycleState*>(memory.data());
  co_return std::vector<control::CycleState>(first, first + count);
}

Task<ServerStatus> RemoteController::status() {
  const auto answer = co_await arm_->link->ask<internal::StatusNow>(internal::Status{});
  co_return ServerStatus{.process = static_cast<std::uint32_t>(arm_->process),
                         .clients = answer.body.clients,
                         .refused_commands = answer.body.refused_commands,
                         .refused_clients = answer.body.refused_clients};
}

const control::Model& RemoteController::model() const noexcept {
  return arm_->model;
}

const std::string& RemoteController::name() const noexcept {
  return arm_->name;
}

async::Every::Waiter RemoteController::pace(Frequency frequency) {
  return arm_->pacer.next(frequency);
}

std::uint64_t RemoteController::overruns() const noexcept {
  return arm_->pacer.overruns();
}

std::vector<std::string> running_servers() {
  return internal::find_servers();
}

}  // namespace takt::controller
