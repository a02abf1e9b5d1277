#include "takt/controller/remote_controller.hpp"

#include <fstream>
#include <limits>
#include <thread>
#include <utility>

#include <fmt/core.h>
#include <unistd.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/mutex.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/controller/internal/move.hpp"
#include "takt/controller/internal/pacer.hpp"
#include "takt/controller/internal/segments.hpp"
#include "takt/controller/internal/server_link.hpp"
#include "takt/controller/internal/server_socket.hpp"
#include "takt/controller/internal/snapshot.hpp"
#include "takt/controller/internal/target_check.hpp"
#include "takt/controller/internal/wire.hpp"
#include "takt/core/shared_memory.hpp"

namespace takt::controller {
namespace {

using async::Task;
using control::CommandPort;
using core::SharedMemory;
using internal::CommandSegment;
using internal::Done;
using internal::FileDescriptor;
using internal::ServerLink;
using internal::StateSegment;
using internal::TargetCheck;
using internal::Welcome;

constexpr auto kLook = std::chrono::milliseconds(1);
constexpr auto kNextTry = std::chrono::milliseconds(10);
constexpr auto kRequestLimit = std::chrono::seconds(30);  ///< of what cancellation does not reach

std::string name_of_this_program() {
  std::ifstream file("/proc/self/comm");
  std::string name;
  std::getline(file, name);
  return (name.empty() ? "process" : name) + "[" + std::to_string(getpid()) + "]";
}

Task<FileDescriptor> dial(std::string name, Duration patience) {
  const core::Nanoseconds last_ns = core::monotonic_now_ns() + patience.count();
  while (true) {
    if (std::optional<FileDescriptor> socket = internal::connect_to_server(name)) {
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
    control::Model model = internal::from_wire(welcome.model);
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
  if (welcome.layout != internal::layout_of_this_build()) {
    throw ProtocolError("the controller '" + welcome.server +
                        "' was built with another layout of the shared memory; use the same takt on both sides");
  }
}

}  // namespace

struct RemoteController::Parts {
  Parts(std::unique_ptr<ServerLink> connection, ServerLink::Answer<Welcome> welcome, const RemoteOptions& options)
      : name(welcome.body.server),
        process(welcome.body.process),
        holder(options.holder.empty() ? name_of_this_program() : options.holder),
        clock(options.clock != nullptr ? *options.clock : core::steady_clock()),
        valid_for(welcome.body.valid_for_ns),
        link(std::move(connection)),
        state_memory(
            SharedMemory::map(welcome.descriptor.get(), sizeof(StateSegment), SharedMemory::Access::kReadOnly)),
        seen(*static_cast<const StateSegment*>(std::as_const(state_memory).data())),
        check(check_of(welcome.body)),
        model(check.read()->model()) {}

  template <class T>
  [[nodiscard]] T load(const realtime::Latest<T>& slot) const;
  void require_commander() const;
  void require_ready() const;
  [[nodiscard]] internal::Moment moment(const control::CycleState& state) const noexcept;
  void submit(const control::Command& command);
  void request(std::uint32_t bit) noexcept;
  [[nodiscard]] internal::Goal submit_move(const Target& target, const MoveOptions& options);
  [[nodiscard]] Task<void> believe(control::Model changed);
  /// Asks for what must come to its end once it was asked for.
  template <class Reply = Done, class Request>
  [[nodiscard]] Task<ServerLink::Answer<Reply>> ask_to_the_end(Request asked);
  template <class Request>
  [[nodiscard]] Task<void> begin(Request asked);

  std::string name;
  std::int32_t process;
  std::string holder;
  core::Clock& clock;
  Duration valid_for;
  std::unique_ptr<ServerLink> link;
  SharedMemory state_memory;
  const StateSegment& seen;
  internal::Snapshot<TargetCheck> check;  ///< everybody's
  control::Model model;                   ///< the loop's
  async::Mutex changes{"changes of the model"};
  internal::Pacer pacer;
  std::optional<SharedMemory> command_memory{};
  std::atomic<CommandPort*> told{nullptr};    ///< once it is there, it stays
  std::atomic<control::LeaseEpoch> epoch{0};  ///< under which this one commands, or did
};

// --- loads and stores: any thread ----------------------------------------------------------------------------------

template <class T>
T RemoteController::Parts::load(const realtime::Latest<T>& slot) const {
  link->require_alive();
  T value{};
  while (!slot.try_load(value)) {
    if (slot.version() == 0) {
      return T{};
    }
    if (!link->look()) {  // a server that died in the middle of a store never ends it
      link->require_alive();
    }
    std::this_thread::yield();
  }
  return value;
}

void RemoteController::Parts::require_commander() const {
  const control::LeaseEpoch present = seen.epoch.load(std::memory_order_acquire);
  if (present != 0 && present == epoch.load(std::memory_order_acquire)) {
    return;
  }
  const internal::CommanderNow now = load(seen.commander);
  throw NotCommanderError(now.epoch != 0 ? fmt::format("{} is commanded by {}", name, now.name.view())
                                         : name + " is commanded by nobody: acquire() comes first");
}

void RemoteController::Parts::require_ready() const {
  if (const control::FaultReport latched = load(seen.port.fault); latched.fault != control::Fault::kNone) {
    throw fault_error(name, latched);
  }
  if (seen.port.mode.load(std::memory_order_acquire) == control::CycleMode::kStopped) {
    throw NotRunningError(name + " is not started: start() comes first");
  }
  require_commander();
}

internal::Moment RemoteController::Parts::moment(const control::CycleState& state) const noexcept {
  return {
      .now_ns = clock.now_ns(), .valid_for = valid_for, .epoch = epoch.load(std::memory_order_acquire), .state = state};
}

void RemoteController::Parts::submit(const control::Command& command) {
  told.load(std::memory_order_acquire)->commands.store(command, command.used_bytes());
}

void RemoteController::Parts::request(std::uint32_t bit) noexcept {
  told.load(std::memory_order_acquire)->requests.fetch_or(bit, std::memory_order_acq_rel);
}

internal::Goal RemoteController::Parts::submit_move(const Target& target, const MoveOptions& options) {
  require_ready();
  const control::CycleState state = load(seen.port.state);
  const control::Command command = check.read()->move(target, options, moment(state));
  submit(command);
  return internal::goal_of(command, state);
}

void RemoteController::set(const Target& target, TargetOptions options) {
  parts_->require_ready();
  const control::CycleState present = state();
  parts_->submit(parts_->check.read()->target(target, options, parts_->moment(present)));
}

void RemoteController::play(const ActionChunk& chunk, TargetOptions options) {
  parts_->require_ready();
  const control::CycleState present = state();
  parts_->submit(parts_->check.read()->chunk(chunk, options, parts_->moment(present)));
}

void RemoteController::halt() noexcept {
  const control::LeaseEpoch present = parts_->seen.epoch.load(std::memory_order_acquire);
  if (present != 0 && present == parts_->epoch.load(std::memory_order_acquire)) {
    parts_->request(CommandPort::kHaltRequest);
  }
}

void RemoteController::safe_stop() noexcept {
  if (parts_->told.load(std::memory_order_acquire) != nullptr) {
    parts_->request(CommandPort::kSafeStopRequest);
  } else {
    parts_->link->post(internal::SafeStop{});
  }
}

control::CycleState RemoteController::state() const {
  control::CycleState newest = parts_->load(parts_->seen.port.state);
  if (parts_->seen.port.mode.load(std::memory_order_acquire) == control::CycleMode::kStopped) {
    newest.mode = control::CycleMode::kStopped;  // the last cycle of an arm that was stopped still halted
  }
  return newest;
}

control::CycleStats RemoteController::stats() const {
  return parts_->load(parts_->seen.stats);
}

control::FaultReport RemoteController::fault() const {
  return parts_->load(parts_->seen.port.fault);
}

std::optional<Commander> RemoteController::commander() const {
  const internal::CommanderNow now = parts_->load(parts_->seen.commander);
  if (now.epoch == 0) {
    return std::nullopt;
  }
  return Commander{.name = std::string(now.name.view()), .epoch = now.epoch};
}

// --- requests: the loop --------------------------------------------------------------------------------------------

RemoteController::RemoteController(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

RemoteController::~RemoteController() = default;

Task<std::unique_ptr<RemoteController>> RemoteController::connect(std::string name, RemoteOptions options) {
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
  auto parts = std::make_unique<Parts>(std::move(link), std::move(*welcome), options);
  std::unique_ptr<RemoteController> controller(new RemoteController(std::move(parts)));
  if (!options.observe) {
    co_await controller->acquire(options.take_over);
  }
  co_return std::move(controller);
}

Task<void> RemoteController::acquire(bool take_over) {
  const auto turn = co_await parts_->changes.lock();
  co_await async::checkpoint();
  auto given = co_await parts_->ask_to_the_end<internal::LeaseGiven>(
      internal::Acquire{.holder = std::string_view(parts_->holder), .take_over = take_over});
  if (!parts_->command_memory) {
    parts_->command_memory.emplace(
        SharedMemory::map(given.descriptor.get(), sizeof(CommandSegment), SharedMemory::Access::kReadWrite));
    parts_->told.store(&static_cast<CommandSegment*>(parts_->command_memory->data())->port, std::memory_order_release);
  }
  co_await parts_->believe(internal::from_wire(given.body.model));
  parts_->epoch.store(given.body.epoch, std::memory_order_release);
}

Task<void> RemoteController::release() {
  static_cast<void>(co_await parts_->link->ask<Done>(internal::Release{}));
}

template <class Reply, class Request>
Task<ServerLink::Answer<Reply>> RemoteController::Parts::ask_to_the_end(Request asked) {
  async::CancelScope uninterrupted({.deadline_after = kRequestLimit, .shielded = true});
  std::optional<ServerLink::Answer<Reply>> answer = co_await uninterrupted.run(link->ask<Reply>(std::move(asked)));
  if (!answer) {
    throw DeviceError("the controller '" + name + "' does not answer");
  }
  co_return std::move(*answer);
}

template <class Request>
Task<void> RemoteController::Parts::begin(Request asked) {
  co_await async::checkpoint();
  static_cast<void>(co_await ask_to_the_end(std::move(asked)));
  if (async::cancelled()) {  // nobody is there to lead what was started
    static_cast<void>(co_await ask_to_the_end(internal::Stop{}));
    co_await async::checkpoint();
  }
}

Task<void> RemoteController::start() {
  return parts_->begin(internal::Start{});
}

Task<void> RemoteController::recover() {
  return parts_->begin(internal::Recover{});
}

Task<void> RemoteController::stop() {
  static_cast<void>(co_await parts_->ask_to_the_end(internal::Stop{}));
}

Task<void> RemoteController::shut_down() {
  static_cast<void>(co_await parts_->ask_to_the_end(internal::ShutDown{}));
}

Task<void> RemoteController::move(Target target, MoveOptions options) {
  co_await async::checkpoint();  // in a cancelled scope the arm does not begin to move
  const internal::Goal goal = parts_->submit_move(target, options);
  co_await internal::await_arrival(*this, goal, options);
}

Task<void> RemoteController::use(control::LawSettings law) {
  static_cast<void>(co_await parts_->link->ask<Done>(internal::Use{.law = std::move(law)}));
}

Task<void> RemoteController::set_tool(core::Pose X_FE) {
  const auto turn = co_await parts_->changes.lock();
  static_cast<void>(co_await parts_->link->ask<Done>(internal::SetTool{.X_FE = internal::to_wire(X_FE)}));
  control::Model changed = parts_->model;
  changed.set_tool(X_FE);
  co_await parts_->believe(std::move(changed));
}

Task<void> RemoteController::set_payload(control::LinkInertia payload_F) {
  const auto turn = co_await parts_->changes.lock();
  static_cast<void>(co_await parts_->link->ask<Done>(internal::SetPayload{.payload_F = internal::to_wire(payload_F)}));
  control::Model changed = parts_->model;
  changed.set_payload(payload_F);
  co_await parts_->believe(std::move(changed));
}

Task<void> RemoteController::Parts::believe(control::Model changed) {
  TargetCheck next(changed, check.read()->bounds());
  while (!check.try_replace(std::move(next))) {  // somebody is still in a set() that began before the last change
    co_await async::sleep_for(kLook);
  }
  model = std::move(changed);
}

Task<std::vector<control::CycleState>> RemoteController::evidence() {
  const auto kept = co_await parts_->link->ask<internal::EvidenceKept>(internal::Evidence{});
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
  const auto answer = co_await parts_->link->ask<internal::StatusNow>(internal::Status{});
  co_return ServerStatus{.process = static_cast<std::uint32_t>(parts_->process),
                         .clients = answer.body.clients,
                         .refused_commands = answer.body.refused_commands,
                         .refused_clients = answer.body.refused_clients};
}

const control::Model& RemoteController::model() const noexcept {
  return parts_->model;
}

const std::string& RemoteController::name() const noexcept {
  return parts_->name;
}

Task<async::Tick> RemoteController::pace(Frequency frequency) {
  return parts_->pacer.next(frequency);
}

std::uint64_t RemoteController::overruns() const noexcept {
  return parts_->pacer.overruns();
}

std::vector<std::string> running_servers() {
  return internal::find_servers();
}

}  // namespace takt::controller
