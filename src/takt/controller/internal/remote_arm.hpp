#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/mutex.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/controller/internal/move.hpp"
#include "takt/controller/internal/pacer.hpp"
#include "takt/controller/internal/segments.hpp"
#include "takt/controller/internal/server_link.hpp"
#include "takt/controller/internal/snapshot.hpp"
#include "takt/controller/internal/target_check.hpp"
#include "takt/controller/internal/wire.hpp"
#include "takt/controller/remote_controller.hpp"
#include "takt/core/shared_memory.hpp"

namespace takt::controller::internal {

/// Where the commands of one term go. What is stored there after it is read by nobody.
struct CommandMemory {
  std::optional<core::SharedMemory> memory{};
  control::CommandPort* port{nullptr};  ///< none before the first term
};

/// What is behind a RemoteController: the connection, the memory, and what targets are held against.
struct RemoteArm {
  RemoteArm(std::unique_ptr<ServerLink> connection, ServerLink::Answer<Welcome> welcome, const RemoteOptions& options);

  /// @throws as RemoteController::connect
  [[nodiscard]] static async::Task<std::unique_ptr<RemoteArm>> connect(std::string name, RemoteOptions options);

  // Any thread.

  /// @throws ServerDiedError
  template <class T>
  [[nodiscard]] T load(const realtime::Latest<T>& slot) const;
  [[nodiscard]] control::CycleState state() const;
  [[nodiscard]] bool is_commander() const noexcept;
  /// @throws NotCommanderError, ServerDiedError
  void require_commander() const;
  /// @throws what set() throws but for the target's own errors
  void require_ready() const;
  [[nodiscard]] Moment moment(const control::CycleState& present) const noexcept;
  /// @throws TargetError when its stamp is of another clock than the arm's
  void submit(const control::Command& command);
  [[nodiscard]] Goal submit_move(const Target& target, const MoveOptions& options);

  // The loop.

  /// Targets are held against this model from now on.
  [[nodiscard]] async::Task<void> believe(control::Model changed);
  [[nodiscard]] async::Task<void> acquire(bool take_over);
  [[nodiscard]] async::Task<void> take_office(ServerLink::Answer<LeaseGiven> given);
  /// Asks for what comes to its end once it was asked for: cancellation does not reach it. Without an answer for
  /// RemoteOptions::request_limit nobody knows what it came to: the connection is given up, with it the lease, and the
  /// server stops again what it may have started.
  template <class Reply = Done, class Request>
  [[nodiscard]] async::Task<ServerLink::Answer<Reply>> ask_to_the_end(Request asked);
  /// Asks for what changes the model, and believes in it when it is done.
  template <class Request>
  [[nodiscard]] async::Task<void> change(Request asked, control::Model changed);
  /// Asks for what starts the arm; cancelled, it is stopped again.
  template <class Request>
  [[nodiscard]] async::Task<void> begin(Request asked);

  std::string name;
  std::int32_t process;
  std::string holder;
  core::Clock& clock;
  Duration valid_for;
  Duration request_limit;
  std::unique_ptr<ServerLink> link;
  core::SharedMemory state_memory;
  const StateSegment& seen;
  Snapshot<TargetCheck> check;  ///< everybody's
  control::Model model;         ///< the loop's
  async::Mutex changes{"changes of the model"};
  Pacer pacer;
  Snapshot<CommandMemory> told{CommandMemory{}};  ///< everybody's
  std::atomic<control::LeaseEpoch> epoch{0};      ///< under which this one commands, or did
};

template <class T>
T RemoteArm::load(const realtime::Latest<T>& slot) const {
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

template <class Reply, class Request>
async::Task<ServerLink::Answer<Reply>> RemoteArm::ask_to_the_end(Request asked) {
  async::CancelScope uninterrupted({.deadline_after = request_limit, .shielded = true});
  std::optional<ServerLink::Answer<Reply>> answer = co_await uninterrupted.run(link->ask<Reply>(std::move(asked)));
  if (!answer) {
    link->give_up();
    throw DeviceError("the controller '" + name + "' does not answer; the connection was given up");
  }
  co_return std::move(*answer);
}

template <class Request>
async::Task<void> RemoteArm::change(Request asked, control::Model changed) {
  co_await async::checkpoint();
  static_cast<void>(co_await ask_to_the_end(std::move(asked)));
  async::CancelScope uninterrupted({.shielded = true});
  static_cast<void>(co_await uninterrupted.run(believe(std::move(changed))));
  co_await async::checkpoint();
}

template <class Request>
async::Task<void> RemoteArm::begin(Request asked) {
  co_await async::checkpoint();
  static_cast<void>(co_await ask_to_the_end(std::move(asked)));
  if (async::cancelled()) {  // nobody is there to lead what was started
    static_cast<void>(co_await ask_to_the_end(Stop{}));
    co_await async::checkpoint();
  }
}

}  // namespace takt::controller::internal
