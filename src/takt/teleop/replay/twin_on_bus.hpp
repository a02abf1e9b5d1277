#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "takt/bus/bus.hpp"
#include "takt/core/time.hpp"
#include "takt/teleop/replay/command_service.hpp"
#include "takt/teleop/replay/digital_twin.hpp"
#include "takt/teleop/replay/twin_commands.hpp"

namespace takt::teleop::replay {

namespace internal {
class TextSender;
}

/// "/follower/replay": how a twin stands, said by its owner (ReplayStatus as JSON), the newest.
[[nodiscard]] std::string status_topic(const std::string& robot);

/// A twin on a bus that reaches beyond its process: its commands on /<robot>/cmd (CommandService), and how it stands on
/// /<robot>/replay: within 0.1 s of another phase and of a new listener, four times a second while it is played, else
/// once a second, so that a client need not ask. Its threads are the service's. A resource.
class TwinOnBus {
 public:
  /// @param network  not the bus that the robot's own topics are on. Both outlive this.
  TwinOnBus(DigitalTwin& twin, bus::Bus& network, TrajectoryShelf shelf = {});
  /// Brings the arm to rest and waits for what is being done, which may be the loading of a sequence.
  ~TwinOnBus();
  TwinOnBus(const TwinOnBus&) = delete;
  TwinOnBus& operator=(const TwinOnBus&) = delete;

  [[nodiscard]] TwinCommands& commands() noexcept { return commands_; }
  [[nodiscard]] const CommandService& service() const noexcept { return service_; }

 private:
  void show();

  TwinCommands commands_;
  std::atomic<bool> matched_{false};  // somebody, since it was said
  std::unique_ptr<internal::TextSender> shown_;
  core::Nanoseconds shown_ns_{0};
  TwinPhase phase_{TwinPhase::kEmpty};
  CommandService service_;  // last: its thread calls show()
};

}  // namespace takt::teleop::replay
