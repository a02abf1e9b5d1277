#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "takt/bus/bus.hpp"
#include "takt/robots/options.hpp"
#include "takt/robots/robot.hpp"
#include "takt/teleop/config.hpp"
#include "takt/teleop/orchestrator.hpp"
#include "takt/teleop/report.hpp"
#include "takt/teleop/robot_node.hpp"
#include "takt/teleop/system_state.hpp"
#include "takt/teleop/trace_file.hpp"

namespace takt::teleop {

/// Where a session gets its robots from: the registry, or a test.
class RobotProvider {
 public:
  virtual ~RobotProvider() = default;

  /// A robot, not started. @throws ConfigError for a URI or option that names no robot.
  [[nodiscard]] virtual std::unique_ptr<robots::Robot> open(const std::string& uri,
                                                            const robots::RobotOptions& options) = 0;

  /// Where the follower stood when a recording began, in the joints of the leader that plays it; gripper_position only
  /// where it was recorded as an opening instead of a joint. Nothing when `uri` is no recording or says nothing of it.
  [[nodiscard]] virtual std::optional<messages::RobotState> recorded_start(const std::string& uri,
                                                                           const robots::RobotOptions& options) = 0;
};

/// What a live line shows.
struct SessionProgress {
  double elapsed_s{0};
  std::uint64_t commands{0};  ///< applied, of all pairs
  double rate_hz{0};          ///< commands per second since the last poll
  std::uint64_t guards_hit{0};
  Phase phase{Phase::kWaiting};  ///< of the pair that is furthest behind
};

/// A teleoperation run from its configuration: robots, nodes, orchestrator, report. A resource; one thread at a time.
class Session {
 public:
  /// Opens everything and starts nothing. @throws ConfigError naming file, line and field where the configuration gave
  /// one.
  Session(TeleopConfig config, RobotProvider& robots);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Starts followers, then leaders, then follows. @throws DeviceError; everything that was started has been stopped
  /// again then.
  void start();

  /// To be called about ten times a second: moves trace and row outcomes out of their rings.
  SessionProgress poll();

  /// True when the duration is over, all leaders have finished, or a robot has a fault.
  [[nodiscard]] bool finished() const;

  /// Brings every follower to rest and puts it away: brakes on. Does not wait for the leaders. Idempotent.
  void rest() noexcept;

  /// rest(), then ends the leaders and all threads. Waits for a leader that hangs in its device. Idempotent.
  void stop() noexcept;

  /// Why the trace ended early; empty when it did not.
  [[nodiscard]] const std::string& trace_error() const noexcept { return trace_error_; }

  /// What happened so far.
  [[nodiscard]] TeleopReport report();

  [[nodiscard]] Orchestrator& orchestrator() noexcept { return orchestrator_; }
  [[nodiscard]] bus::Bus& bus() noexcept { return bus_; }

 private:
  struct Pair {
    std::unique_ptr<RobotNode> leader;
    std::unique_ptr<RobotNode> follower;
    std::map<double, RowFate> rows;  // by the recording's own time
  };

  void open_pair(const PairConfig& config, std::size_t index, RobotProvider& robots);
  [[nodiscard]] std::unique_ptr<RobotNode> make_node(const PairConfig& config, const std::string& name, double rate_hz,
                                                     std::unique_ptr<robots::Robot> robot);
  [[nodiscard]] PairReport report_of(std::size_t index);
  void write_trace(RobotNode& follower);
  [[nodiscard]] double elapsed_s() const noexcept;
  [[nodiscard]] std::uint64_t applied() const noexcept;
  [[nodiscard]] std::string fault() const;

  TeleopConfig config_;
  bus::Bus bus_;
  SystemState system_state_{bus_};
  std::vector<Pair> pairs_;
  Orchestrator orchestrator_{system_state_};  // after the nodes it refers to: it ends first
  std::unique_ptr<TraceFile> trace_file_;
  std::string trace_error_;
  std::vector<std::string> threads_;
  core::Nanoseconds started_ns_{0};
  core::Nanoseconds stopped_ns_{0};
  core::Nanoseconds polled_ns_{0};
  std::uint64_t polled_commands_{0};
};

}  // namespace takt::teleop
