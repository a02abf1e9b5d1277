#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "takt/bus/bus.hpp"
#include "takt/control/freshness.hpp"
#include "takt/control/lease.hpp"
#include "takt/core/time.hpp"
#include "takt/realtime/latest.hpp"
#include "takt/realtime/thread.hpp"
#include "takt/robots/robot.hpp"
#include "takt/teleop/command_tap.hpp"
#include "takt/teleop/delivery.hpp"
#include "takt/teleop/guard_counters.hpp"
#include "takt/teleop/hop_trace.hpp"
#include "takt/teleop/row_log.hpp"
#include "takt/teleop/tracking_monitor.hpp"

namespace takt::teleop {

struct RobotNodeOptions {
  std::string name;  ///< in topics and threads: "leader", "follower"; a legal topic part

  // Behaviour
  double rate_hz{100.0};  ///< how often the state is read and published; a self-paced robot paces itself
  Delivery delivery{Delivery::kInline};
  double executer_period_s{0.01};  ///< tick of a delivery that is not inline
  control::FreshnessPolicy freshness{.hold_after_s = 0.1,
                                     .halt_after_s = 0.5};  ///< commands stop coming: hold, then halt
  TrackingOptions tracking{};
  double lost_after_s{0.5};   ///< no state could be read for so long: the robot is lost
  double write_wait_s{0.02};  ///< how long a write waits for another thread's write

  // Cost
  std::size_t keep_rows{0};   ///< fates of a recording's rows kept between two drains
  std::size_t keep_trace{0};  ///< commands kept for a trace file between two drains; 300 bytes each
};

/// What a node has done so far.
struct RobotNodeCounters {
  std::uint64_t published{0};  ///< states
  std::uint64_t applied{0};    ///< commands that the robot took, of every mark
  std::uint64_t engaged{0};    ///< of them: marked kEngaged, what the commander wanted
  std::uint64_t clamped{0};    ///< of them: marked kClamped
  std::uint64_t stale{0};      ///< commands refused for their age or their lease
};

/// The command in force.
struct AppliedCommand {
  core::Nanoseconds applied_ns{0};
  core::JointVector positions_rad;
  bool engaged{false};  ///< not part of an approach
};

/// The owner of a robot: reads and publishes its state on its own thread "pub.<name>" at its own rate, applies the
/// commands of
/// /<name>/action, and judges their freshness. A resource.
///
/// A command is applied on the thread that publishes it, lock-free but for the write lock, which only a second
/// commander or a hand-over can contend. With a queued delivery it goes through a queue to the thread "exec.<name>".
class RobotNode {
 public:
  /// @throws LogicError for impossible options.
  RobotNode(bus::Bus& bus, std::unique_ptr<robots::Robot> robot, RobotNodeOptions options,
            core::Clock& clock = core::steady_clock());
  ~RobotNode();
  RobotNode(const RobotNode&) = delete;
  RobotNode& operator=(const RobotNode&) = delete;

  /// Shows the robot's commands to a recorder, as long as the node lives. Before start(), and before anybody commands.
  void set_tap(std::unique_ptr<CommandTap> tap) noexcept { tap_ = std::move(tap); }
  /// Null when there is none.
  [[nodiscard]] CommandTap* tap() const noexcept { return tap_.get(); }

  /// Starts the robot, publishes its first state, then goes on doing so on the node's thread. @throws DeviceError.
  void start();

  /// Ends the threads, brings the robot to rest and puts it away. Idempotent. Not from a callback of this node's
  /// topics.
  void stop() noexcept;

  /// One turn of the owner's loop: read, publish, supervise. What the node's thread does at each beat; tests on a
  /// manual clock call it instead of start().
  void turn() noexcept;

  /// Applies a command now, on this thread. What the subscription of /<name>/action does; counts what it refuses.
  void apply(const messages::RobotState& command) noexcept;

  /// Nobody commands from now on: halts, and refuses commands whose stamp is not later than now, also those that wait
  /// in a queue. The next younger command moves the robot again. Any thread.
  void release() noexcept;

  /// Returns when no write is running: after the lease has changed hands, no command of the former holder comes any
  /// more.
  void quiesce() noexcept;

  /// The command in force, when it was applied within this time; what the follower is on its way to.
  [[nodiscard]] std::optional<core::JointVector> commanded(core::Nanoseconds within_ns) const noexcept;

  /// Safe stop with a reason, latched as fault(). The first reason stays. Any thread.
  void fail(const std::string& reason) noexcept;

  /// True when the robot has finished and its last state has been published.
  [[nodiscard]] bool finished() const noexcept { return finished_.load(std::memory_order_acquire); }

  [[nodiscard]] robots::Robot& robot() noexcept { return *robot_; }
  [[nodiscard]] control::Lease& lease() noexcept { return lease_; }
  [[nodiscard]] const std::string& name() const noexcept { return options_.name; }
  [[nodiscard]] bus::Topic<messages::RobotState>& state_topic() noexcept { return state_topic_; }
  [[nodiscard]] bus::Topic<messages::RobotState>& action_topic() noexcept { return action_topic_; }

  /// True when no state could be read for lost_after_s. Any thread; real-time safe.
  [[nodiscard]] bool lost(core::Nanoseconds now_ns) const noexcept;
  [[nodiscard]] bool faulted() const noexcept { return faulted_.load(std::memory_order_acquire); }
  [[nodiscard]] std::string fault() const;

  [[nodiscard]] RobotNodeCounters counters() const noexcept;
  [[nodiscard]] GuardCounters& guards() noexcept { return guards_; }
  [[nodiscard]] HopTrace& trace() noexcept { return trace_; }
  [[nodiscard]] RowLog& rows() noexcept { return rows_; }
  [[nodiscard]] TrackingReport tracking() const { return tracking_.report(); }

 private:
  void receive(const messages::RobotState& command) noexcept;
  void execute_queue(const std::stop_token& stop) noexcept;
  void publish_states(const std::stop_token& stop) noexcept;
  void supervise(const messages::RobotState& state) noexcept;
  void judge_freshness(core::Nanoseconds now_ns) noexcept;
  void count_read_failure(const std::string& what) noexcept;
  [[nodiscard]] bool admit(const messages::RobotState& command) noexcept;
  [[nodiscard]] bool write(const messages::RobotState& command) noexcept;
  void note_fate(const messages::RobotState& command, RowFate fate) noexcept;

  RobotNodeOptions options_;
  core::Clock& clock_;
  std::unique_ptr<robots::Robot> robot_;
  bus::Topic<messages::RobotState>& state_topic_;
  bus::Topic<messages::RobotState>& action_topic_;
  control::Lease lease_;
  GuardCounters guards_;
  HopTrace trace_;
  RowLog rows_;
  TrackingMonitor tracking_;
  std::unique_ptr<CommandTap> tap_;

  // The owner's loop alone.
  std::uint64_t sequence_{0};
  control::Freshness freshness_{control::Freshness::kFresh};

  std::timed_mutex write_mutex_;                    // one write at a time
  realtime::Latest<AppliedCommand> last_command_;   // written under write_mutex_
  std::atomic<core::Nanoseconds> commanded_ns_{0};  // when the last command was applied; 0: nobody commands
  std::atomic<core::Nanoseconds> released_ns_{0};   // commands not younger than this come too late
  std::atomic<core::Nanoseconds> state_ns_{0};      // when a state was read last
  std::atomic<std::uint64_t> published_{0};
  std::atomic<std::uint64_t> applied_{0};
  std::atomic<std::uint64_t> engaged_{0};
  std::atomic<std::uint64_t> clamped_{0};
  std::atomic<std::uint64_t> stale_{0};
  std::atomic<bool> finished_{false};
  std::atomic<bool> faulted_{false};
  mutable std::mutex fault_mutex_;
  std::string fault_;

  std::unique_ptr<DeliveryQueue> queue_;
  std::atomic<bool> stopping_{false};
  bool started_{false};
  bus::Subscription commands_;
  std::unique_ptr<realtime::RealtimeThread> executer_;
  std::unique_ptr<realtime::RealtimeThread> publisher_;
};

}  // namespace takt::teleop
