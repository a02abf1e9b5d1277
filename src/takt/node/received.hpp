#pragma once

#include <memory>
#include <utility>

#include "takt/bus/transport.hpp"

namespace takt::node {

/// A message with what came with it. Copies share the message, as do all that have it in this process: nobody changes
/// it. A value.
template <class T>
class Received {
 public:
  Received(std::shared_ptr<const T> shared, const bus::MessageInfo& with) noexcept
      : message(*shared), info(with), shared_(std::move(shared)) {}
  Received(const Received&) noexcept = default;
  Received(Received&&) noexcept = default;  // what was moved from can be assigned and destroyed only
  Received& operator=(Received other) noexcept {
    std::destroy_at(this);
    std::construct_at(this, std::move(other));  // the reference, too
    return *this;
  }
  ~Received() = default;

  const T& message;       ///< lives as long as this, and as what shared() gave
  bus::MessageInfo info;  ///< of a message of this process: no sender, no sequence

  /// To keep the message, or to publish it again, without a copy.
  [[nodiscard]] const std::shared_ptr<const T>& shared() const noexcept { return shared_; }

 private:
  std::shared_ptr<const T> shared_;
};

}  // namespace takt::node
