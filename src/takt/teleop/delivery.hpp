#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>

#include <boost/describe.hpp>

#include "takt/messages/robot_state.hpp"

namespace takt::teleop {

/// How a published action reaches the follower's write.
enum class Delivery : std::uint8_t {
  kInline,       ///< on the publisher's stack: the way of takt
  kFifo,         ///< a bounded queue, drop the oldest when full, pop the oldest each tick: the old way, for comparison
  kMailbox,      ///< one slot, the newest overwrites; taken each tick
  kDrainNewest,  ///< a bounded queue, each tick takes the newest and throws the rest away
};
BOOST_DESCRIBE_ENUM(Delivery, kInline, kFifo, kMailbox, kDrainNewest)

/// What stands between a publisher and an executer that ticks by itself. Thread safe. A kInline queue does not exist.
///
/// A FIFO between equal rates adds latency, not elasticity: whenever the producer gets one slot ahead, the depth grows
/// by one and nothing shrinks it, so the consumer pops a command that is depth × period old.
class DeliveryQueue {
 public:
  static constexpr std::size_t kDepth = 5;

  /// Called, under the queue's lock, with each command that was put and will never be taken.
  using OnDrop = std::function<void(const messages::RobotState&)>;

  /// @throws LogicError for kInline.
  explicit DeliveryQueue(Delivery policy, OnDrop on_drop = {});

  /// Puts a command in; drops the oldest when the policy's space is used up.
  void put(const messages::RobotState& command);

  /// What the executer applies at this tick; nothing when nothing new came.
  [[nodiscard]] std::optional<messages::RobotState> take();

  /// Drops everything.
  void clear();

  [[nodiscard]] std::size_t depth() const;

  /// Commands dropped so far.
  [[nodiscard]] std::uint64_t dropped() const;

 private:
  void drop_oldest();

  Delivery policy_;
  std::size_t capacity_;
  OnDrop on_drop_;
  mutable std::mutex mutex_;
  std::deque<messages::RobotState> commands_;
  std::uint64_t dropped_{0};
};

}  // namespace takt::teleop
