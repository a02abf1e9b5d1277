#include "takt/node/internal/bells.hpp"

#include <algorithm>

namespace takt::node::internal {

void Bells::ring() noexcept {
  const std::scoped_lock lock(mutex_);
  for (async::Doorbell* doorbell : doorbells_) {
    doorbell->ring();
  }
}

Bells::Listening::Listening(Bells& bells, std::string_view name) : bells_(bells), doorbell_(name) {
  const std::scoped_lock lock(bells_.mutex_);
  bells_.doorbells_.push_back(&doorbell_);
}

Bells::Listening::~Listening() {
  const std::scoped_lock lock(bells_.mutex_);
  std::erase(bells_.doorbells_, &doorbell_);
}

}  // namespace takt::node::internal
