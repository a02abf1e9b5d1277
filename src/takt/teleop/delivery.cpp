#include "takt/teleop/delivery.hpp"

#include "takt/core/error.hpp"

namespace takt::teleop {

DeliveryQueue::DeliveryQueue(Delivery policy) : policy_(policy), capacity_(policy == Delivery::kMailbox ? 1 : kDepth) {
  if (policy == Delivery::kInline) {
    throw LogicError("DeliveryQueue: inline delivery has no queue");
  }
}

void DeliveryQueue::put(const messages::RobotState& command) {
  const std::scoped_lock lock(mutex_);
  if (commands_.size() == capacity_) {
    commands_.pop_front();
    ++dropped_;
  }
  commands_.push_back(command);
}

std::optional<messages::RobotState> DeliveryQueue::take() {
  const std::scoped_lock lock(mutex_);
  if (commands_.empty()) {
    return std::nullopt;
  }
  if (policy_ == Delivery::kDrainNewest) {
    dropped_ += commands_.size() - 1;
    commands_.erase(commands_.begin(), commands_.end() - 1);
  }
  const messages::RobotState command = commands_.front();
  commands_.pop_front();
  return command;
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
