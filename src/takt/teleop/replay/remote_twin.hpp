#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "takt/bus/bus.hpp"
#include "takt/core/time.hpp"
#include "takt/teleop/replay/command.hpp"
#include "takt/teleop/replay/command_router.hpp"

namespace takt::teleop::replay {

namespace internal {
class TextReceiver;
}

/// The twin of a robot whose owner is beyond this process, asked with the same commands as one's own (TwinCommands).
///
/// Who has asked for something that moves has to call renew() again and again until it is over, from the loop that
/// would stand still if the program did: there is no thread that would keep the arm moving for a program that hangs. A
/// resource; thread safe.
class RemoteTwin final : public CommandHandler {
 public:
  struct Options {
    std::string client{"desk"};  ///< part of a topic
    double lease_s{1.0};         ///< 0.1 to 10: without a sign of this client for so long the arm comes to rest
    Patience patience{};
    double load_timeout_s{60.0};  ///< TRIGGER_REPLAY loads and proves before it is answered
  };

  /// @param robot  its name on the bus. @throws as CommandRouter
  RemoteTwin(bus::Bus& network, std::string robot, Options options);
  ~RemoteTwin() override;
  RemoteTwin(const RemoteTwin&) = delete;
  RemoteTwin& operator=(const RemoteTwin&) = delete;

  /// Asks the owner. What it says is who asks: `caller` does not matter. Waits; not on an event loop.
  ///
  /// What moves is done within its time (Patience::timeout_s and at most 1.2 s more; a trigger that sends a
  /// trajectory along, load_timeout_s instead) or not at all, wherever it lay meanwhile, and not after a stop or pause
  /// that came after it was asked; so the first that moves waits until the owner has said how it stands, twice where
  /// it may have kept the first word for who comes late: that has its clock. A trigger that was in time may be loaded
  /// for longer. Where the answer to what begins a motion does not come, STOP_REPLAY is said.
  [[nodiscard]] CommandResult handle(const Command& command, const CommandCaller& caller) override;

  /// Says it and wants no answer: waits for nothing. False: the owner is not found yet.
  bool post(const Command& command);

  /// The program is there: says so to the owner, when it is time. Waits for nothing. Call at least eight times per
  /// lease.
  void renew();

  struct Shown {
    ReplayStatus status{};
    core::Nanoseconds received_ns{0};  ///< CLOCK_MONOTONIC
  };
  /// What the owner said last of how it stands; nothing: not yet. It says so at least once a second.
  [[nodiscard]] std::optional<Shown> shown() const;

  [[nodiscard]] const CommandRouter& router() const noexcept { return router_; }

 private:
  void take();
  [[nodiscard]] bool wait_for_clock(double patience_s);
  void hear_clock(core::Nanoseconds stamp_ns, bool is_fresh);
  void add_times(Command& command, core::Nanoseconds asked_ns, double timeout_s) const;

  const std::string robot_;
  const Options options_;
  CommandRouter router_;
  mutable std::mutex mutex_;  // of what follows
  std::condition_variable came_;
  std::optional<Shown> shown_;
  std::optional<core::Nanoseconds> ahead_ns_;  // the owner's clock of this one, less the shortest way here
  core::Nanoseconds ahead_since_ns_{0};        // when it was known last
  bool is_fresh_{false};                       // and that is of what was heard when it was said
  core::Nanoseconds said_ns_{0};
  std::mutex taking_;
  std::unique_ptr<internal::TextReceiver> receiver_;  // last: its events use the above
};

}  // namespace takt::teleop::replay
