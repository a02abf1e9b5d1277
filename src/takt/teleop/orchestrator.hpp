#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/bus/bus.hpp"
#include "takt/control/lease.hpp"
#include "takt/core/error.hpp"
#include "takt/teleop/command_pipeline.hpp"
#include "takt/teleop/joint_map.hpp"
#include "takt/teleop/robot_node.hpp"
#include "takt/teleop/system_state.hpp"

namespace takt::teleop {

/// Who commands the followers. In every mode a motion (Orchestrator::begin_motion) may move a follower that nobody
/// commands just then: at any time in kIdle and kTrajectory, in the others while leader or policy have let go of it.
enum class ControlMode : std::uint8_t {
  kIdle,        ///< nobody of himself; followers hold
  kTeleop,      ///< their leaders
  kPolicy,      ///< policies (PolicyWorker)
  kTrajectory,  ///< a player with the robot's owner; the orchestrator keeps out of its way
};
BOOST_DESCRIBE_ENUM(ControlMode, kIdle, kTeleop, kPolicy, kTrajectory)

/// The pace of a motion (Orchestrator::begin_motion) that does not say another.
inline constexpr double kMotionPeriod_s = 0.01;

/// How close together and how far apart the actions of a motion are due.
struct MotionPace {
  double shortest_s{kMotionPeriod_s};
  double longest_s{kMotionPeriod_s};
};

/// Why a motion was over before its end.
enum class MotionEnd : std::uint8_t {
  kTakenOver,  ///< by the leader or the policy, a change of mode, an opened clutch; or its lease ran out
  kFault,      ///< of the follower
  kGuard,      ///< a guard refused an action
};
BOOST_DESCRIBE_ENUM(MotionEnd, kTakenOver, kFault, kGuard)

/// One leader followed by one follower.
struct PairOptions {
  JointMapOptions map{};
  CommandPipelineOptions pipeline{};
  bool deadman{false};            ///< follow only while the leader's extra "deadman" is above 0.5
  std::optional<bool> motions{};  ///< others may move the follower (begin_motion); unless it is said: without a deadman
  std::optional<std::size_t>
      gripper_joint;  ///< this joint of the follower takes the mapped gripper, 0 … 1 over its range
};

struct PairCounters {
  std::uint64_t aligning{0};           ///< commands published while approaching
  std::uint64_t published{0};          ///< commands published while engaged
  std::uint64_t rejected{0};           ///< leader states, while engaged, that became no command
  std::uint64_t aligning_rejected{0};  ///< the same while approaching
};

/// Turns what leaders and policies want into what followers may do. No thread of its own: everything runs on the stack
/// of whoever publishes. `add_pair` at set-up; the rest from any thread.
class Orchestrator {
 public:
  /// @param clock  of the nodes and of the stamps.
  explicit Orchestrator(SystemState& system_state, core::Clock& clock = core::steady_clock());
  ~Orchestrator();
  Orchestrator(const Orchestrator&) = delete;
  Orchestrator& operator=(const Orchestrator&) = delete;

  /// The nodes must outlive this. A leader may have several followers, a follower one leader.
  /// @return the pair's index. @throws LogicError for a map that does not fit, or a follower that has a leader already.
  std::size_t add_pair(RobotNode& leader, RobotNode& follower, PairOptions options);

  /// A follower that nobody leads: motions and policies move it. In kTeleop its lease is free.
  /// @return the pair's index. @throws LogicError for a follower that is in a pair already.
  std::size_t add_follower(RobotNode& follower, PairOptions options);

  /// Changes who commands all followers. The lease goes over explicitly: a command of the former commander that is
  /// still on its way is refused, and the new one starts with an approach. Ends every
  /// motion, and those that are about to begin, also when the mode is that one already: set_mode(kIdle) brings all
  /// followers to rest, whoever moves them. Blocking for the time of one write per pair.
  void set_mode(ControlMode mode);
  [[nodiscard]] ControlMode mode() const noexcept { return mode_.load(std::memory_order_acquire); }

  /// The clutch of a pair: open (false) means the follower halts, a motion as well, and the leader may move freely;
  /// closing it aligns again.
  void set_clutch(std::size_t pair, bool closed);

  /// The part of set_clutch(pair, false) that waits for no write: from now on no command of the leader passes. The
  /// follower halts with the set_clutch that is to come next, or at the latest when its last command has grown stale.
  void disengage(std::size_t pair);

  /// A policy's action for a pair's follower (positions in the follower's joints), guarded and applied on this thread.
  /// Ignored unless the mode is kPolicy.
  void submit_policy_action(std::size_t pair, messages::RobotState& action);

  /// Lets somebody who is neither leader nor policy move a pair's follower, while neither of them does: their lease was
  /// never taken, given back with the clutch (or the deadman), or has run out. Whatever the mode is. They take it back
  /// with their next command, and the motion is over. One that the clutch or the deadman lets go of meanwhile does not
  /// begin.
  /// @param holder  who moves it, for others' messages. @return what submit_motion wants, else why not.
  [[nodiscard]] Expected<control::LeaseEpoch, std::string> begin_motion(std::size_t pair, std::string_view holder);

  /// One action of a motion (positions in the follower's joints), guarded and applied on this thread. After an error
  /// there is nothing more to submit. One thread at a time.
  /// @param pace  of the motion: its guards take steps as at least half the shortest, at most three times the longest;
  /// a gap longer than that, and than the pair's realign_after_s, begins a new approach.
  [[nodiscard]] Expected<void, MotionEnd> submit_motion(std::size_t pair, control::LeaseEpoch epoch,
                                                        messages::RobotState& action, const MotionPace& pace = {});

  /// The follower halts, where the motion still had it, and its lease is free.
  void end_motion(std::size_t pair, control::LeaseEpoch epoch);

  [[nodiscard]] std::size_t pairs() const noexcept { return pairs_.size(); }

  /// Of one pair. @throws LogicError for an index there is not, as everything here that takes one.
  [[nodiscard]] Phase phase(std::size_t pair) const;
  [[nodiscard]] PairCounters counters(std::size_t pair) const;
  [[nodiscard]] const PairOptions& options(std::size_t pair) const;
  [[nodiscard]] bool has_leader(std::size_t pair) const;
  /// @throws LogicError also when the pair has none.
  [[nodiscard]] RobotNode& leader(std::size_t pair);
  [[nodiscard]] RobotNode& follower(std::size_t pair);

 private:
  struct Pair;

  std::size_t add(RobotNode* leader, RobotNode& follower, PairOptions options);
  [[nodiscard]] Pair& at(std::size_t index) const;
  void on_leader_state(RobotNode& leader, messages::RobotState& state) noexcept;
  void follow(Pair& pair, const messages::RobotState& state) noexcept;
  [[nodiscard]] static bool is_news(Pair& pair, const messages::RobotState& state, core::Nanoseconds now_ns) noexcept;
  [[nodiscard]] bool is_wanted(Pair& pair, const messages::RobotState& state) noexcept;
  [[nodiscard]] static bool is_sound(Pair& pair, messages::RobotState& action) noexcept;
  [[nodiscard]] static bool may_command(Pair& pair, core::Nanoseconds now_ns) noexcept;
  [[nodiscard]] static bool is_well(Pair& pair, core::Nanoseconds now_ns) noexcept;
  static void publish(Pair& pair, messages::RobotState& command) noexcept;
  [[nodiscard]] static Verdict convert(Pair& pair, const messages::RobotState& state,
                                       messages::RobotState& command) noexcept;
  [[nodiscard]] static Verdict guard(Pair& pair, CommandPipeline& pipeline, Verdict mapped,
                                     messages::RobotState& command) noexcept;
  void refuse(Pair& pair, const CommandPipeline& pipeline, const messages::RobotState& wanted) noexcept;
  void send(Pair& pair, const CommandPipeline& pipeline, messages::RobotState& command) noexcept;
  void let_go(Pair& pair) noexcept;
  static void end_motion(Pair& pair, control::LeaseEpoch epoch) noexcept;
  void note_phase(Pair& pair, Phase phase) noexcept;
  [[nodiscard]] std::optional<control::LeaseEpoch> authority(Pair& pair, ControlMode as,
                                                             core::Nanoseconds now_ns) noexcept;
  [[nodiscard]] std::optional<control::LeaseEpoch> renew_lost_authority(Pair& pair, ControlMode as,
                                                                        core::Nanoseconds now_ns) noexcept;
  void hand_over(Pair& pair, ControlMode mode) noexcept;
  [[nodiscard]] static bool commands(const Pair& pair, ControlMode mode) noexcept;

  SystemState& system_state_;
  core::Clock& clock_;
  std::vector<std::unique_ptr<Pair>> pairs_;
  std::atomic<ControlMode> mode_{ControlMode::kIdle};
  std::mutex mode_mutex_;  // one mode change at a time
};

}  // namespace takt::teleop
