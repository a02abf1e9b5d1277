#include "takt/controller/internal/remote_arm.hpp"

#include <fstream>

#include <fmt/core.h>
#include <unistd.h>

#include "takt/controller/errors.hpp"
#include "takt/controller/internal/server_socket.hpp"
#include "takt/core/error.hpp"

namespace takt::controller::internal {
namespace {

using async::Task;
using core::SharedMemory;

constexpr auto kLook = std::chrono::milliseconds(1);
constexpr auto kNextTry = std::chrono::milliseconds(10);

std::string name_of_this_program() {
  std::ifstream file("/proc/self/comm");
  std::string name;
  std::getline(file, name);
  return (name.empty() ? "process" : name) + "[" + std::to_string(getpid()) + "]";
}

Task<FileDescriptor> dial(std::string name, Duration patience) {
  const core::Nanoseconds last_ns = core::monotonic_now_ns() + patience.count();
  while (true) {
    if (std::optional<FileDescriptor> socket = connect_to_server(name)) {
      co_return std::move(*socket);
    }
    if (core::monotonic_now_ns() > last_ns) {
      throw DeviceError("the controller '" + name + "' does not answer: its queue of clients is full");
    }
    co_await async::sleep_for(kNextTry);
  }
}

/// What a server says may be nonsense; no server of this version says such.
TargetCheck check_of(const Welcome& welcome) {
  try {
    control::Model model = from_wire(welcome.model);
    const std::size_t dof = model.dof();
    if (welcome.bounds.lowest_rad.size() != dof || welcome.bounds.highest_rad.size() != dof ||
        welcome.bounds.speed_rad_s.size() != dof) {
      throw LogicError("bounds of another number of joints");
    }
    return {std::move(model), welcome.bounds};
  } catch (const LogicError& error) {
    throw ProtocolError(std::string("the controller's welcome: ") + error.what());
  }
}

void require_same_layout(const Welcome& welcome) {
  if (welcome.layout != layout_of_this_build()) {
    throw ProtocolError("the controller '" + welcome.server +
                        "' was built with another layout of the shared memory; use the same takt on both sides");
  }
}

}  // namespace

RemoteArm::RemoteArm(std::unique_ptr<ServerLink> connection, ServerLink::Answer<Welcome> welcome,
                     const RemoteOptions& options)
    : name(welcome.body.server),
      process(welcome.body.process),
      holder(options.holder.empty() ? name_of_this_program() : options.holder),
      clock(options.clock != nullptr ? *options.clock : core::steady_clock()),
      valid_for(welcome.body.valid_for_ns),
      request_limit(options.request_limit),
      link(std::move(connection)),
      state_memory(SharedMemory::map(welcome.descriptor.get(), sizeof(StateSegment), SharedMemory::Access::kReadOnly)),
      seen(*static_cast<const StateSegment*>(std::as_const(state_memory).data())),
      check(check_of(welcome.body)),
      model(check.read()->model()) {}

Task<std::unique_ptr<RemoteArm>> RemoteArm::connect(std::string name, RemoteOptions options) {
  FileDescriptor socket = co_await dial(name, options.patience);
  auto link = std::make_unique<ServerLink>(name, std::move(socket));
  std::optional<ServerLink::Answer<Welcome>> welcome = co_await async::with_timeout(options.patience, link->welcome());
  if (!welcome) {
    throw DeviceError("the controller '" + name + "' does not answer");
  }
  require_same_layout(welcome->body);
  if (!welcome->descriptor) {
    throw ProtocolError("the controller's welcome came without its memory");
  }
  auto arm = std::make_unique<RemoteArm>(std::move(link), std::move(*welcome), options);
  if (!options.observe) {
    co_await arm->acquire(options.take_over);
  }
  co_return std::move(arm);
}

control::CycleState RemoteArm::state() const {
  control::CycleState newest = load(seen.port.state);
  if (seen.port.mode.load(std::memory_order_acquire) == control::CycleMode::kStopped) {
    newest.mode = control::CycleMode::kStopped;  // the last cycle of an arm that was stopped still halted
  }
  return newest;
}

bool RemoteArm::is_commander() const noexcept {
  const control::LeaseEpoch present = seen.epoch.load(std::memory_order_acquire);
  return present != 0 && present == epoch.load(std::memory_order_acquire);
}

void RemoteArm::require_commander() const {
  if (is_commander()) {
    return;
  }
  const CommanderNow now = load(seen.commander);
  throw NotCommanderError(now.epoch != 0 ? fmt::format("{} is commanded by {}", name, now.name.view())
                                         : name + " is commanded by nobody: acquire() comes first");
}

void RemoteArm::require_ready() const {
  if (const control::FaultReport latched = load(seen.port.fault); latched.fault != control::Fault::kNone) {
    throw fault_error(name, latched);
  }
  if (seen.port.mode.load(std::memory_order_acquire) == control::CycleMode::kStopped) {
    throw NotRunningError(name + " is not started: start() comes first");
  }
  require_commander();
}

Moment RemoteArm::moment(const control::CycleState& present) const noexcept {
  return {.now_ns = clock.now_ns(),
          .valid_for = valid_for,
          .epoch = epoch.load(std::memory_order_acquire),
          .state = present};
}

void RemoteArm::submit(const control::Command& command) {
  const core::Nanoseconds measured_ns = seen.port.measured_ns.load(std::memory_order_acquire);
  if (command.terms.stamp_ns > measured_ns + core::kNanosecondsPerSecond) {
    throw TargetError(Refusal::kTime,
                      fmt::format("{}: the cycle takes no command stamped {} ns: the arm's clock, at {} "
                                  "ns, is another one, or far behind",
                                  name, command.terms.stamp_ns, measured_ns));
  }
  told.read()->port->commands.store(command, command.used_bytes());
}

Goal RemoteArm::submit_move(const Target& target, const MoveOptions& options) {
  require_ready();
  const control::CycleState present = state();
  const control::Command command = check.read()->move(target, options, moment(present));
  submit(command);
  return goal_of(command, present);
}

Task<void> RemoteArm::believe(control::Model changed) {
  TargetCheck next(changed, check.read()->bounds());
  while (!check.try_replace(next)) {  // somebody is still in a set() that began before the last change
    co_await async::sleep_for(kLook);
  }
  model = std::move(changed);
}

Task<void> RemoteArm::acquire(bool take_over) {
  const auto turn = co_await changes.lock();
  co_await async::checkpoint();
  auto given = co_await ask_to_the_end<LeaseGiven>(Acquire{.holder = std::string_view(holder), .take_over = take_over});
  async::CancelScope uninterrupted({.shielded = true});
  static_cast<void>(co_await uninterrupted.run(take_office(std::move(given))));
}

Task<void> RemoteArm::take_office(ServerLink::Answer<LeaseGiven> given) {
  CommandMemory memory{
      .memory = SharedMemory::map(given.descriptor.get(), sizeof(CommandSegment), SharedMemory::Access::kReadWrite)};
  memory.port = &static_cast<CommandSegment*>(memory.memory->data())->port;
  while (!told.try_replace(memory)) {  // somebody is still in a set() of the term before the last
    co_await async::sleep_for(kLook);
  }
  co_await believe(from_wire(given.body.model));
  epoch.store(given.body.epoch, std::memory_order_release);
}

}  // namespace takt::controller::internal
