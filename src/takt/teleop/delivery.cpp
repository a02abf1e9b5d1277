#include "takt/teleop/delivery.hpp"

#include <utility>

#include "takt/core/error.hpp"

namespace takt::teleop {

DeliveryQueue::DeliveryQueue(Delivery policy, OnDrop on_drop)
    : policy_(policy), capacity_(policy == Delivery::kMailbox ? 1 : kDepth), on_drop_(std::move(on_drop)) {
  if (policy == Delivery::kInline) {
    throw LogicError("DeliveryQueue: inline delivery has no queue");
  }
}

void DeliveryQueue::put(const messages::RobotState& command) {
  const std::scoped_lock lock(mutex_);
  if (commands_.size() == capacity_) {
    drop_oldest();
  }
  commands_.push_back(command);
}

std::optional<messages::RobotState> DeliveryQueue::take() {
  const std::scoped_lock lock(mutex_);
  if (commands_.empty()) {
    return std::nullopt;
  }
  while (policy_ == Delivery::kDrainNewest && commands_.size() > 1) {
    drop_oldest();
  }
  const messages::RobotState command = commands_.front();
  commands_.pop_front();
  return command;
}

void DeliveryQueue::clear() {
  const std::scoped_lock lock(mutex_);
  while (!commands_.empty()) {
    drop_oldest();
  }
}

void DeliveryQueue::drop_oldest() {
  if (on_drop_) {
    on_drop_(commands_.front());
  }
  commands_.pop_front();
  ++dropped_;
}

std::size_t DeliveryQueue::depth() const {
  const std::scoped_lock lock(mutex_);
  return commands_.size();
}

std::uint64_t DeliveryQueue::dropped() const {
  const std::scoped_lock lock(mutex_);
  return dropped_;
}

}  // namespace takt::teleop
