#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace takt::zmq::internal {

/// Counts the bytes of something where it lies, for as long as this lives. Movable.
class Charge {
 public:
  Charge() = default;
  /// @param to  outlives this
  Charge(std::atomic<std::size_t>& to, std::size_t bytes) noexcept : to_(&to), bytes_(bytes) { to += bytes; }
  ~Charge() { release(); }
  Charge(Charge&& other) noexcept : to_(std::exchange(other.to_, nullptr)), bytes_(other.bytes_) {}
  Charge& operator=(Charge&& other) noexcept {
    std::swap(to_, other.to_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  Charge(const Charge&) = delete;
  Charge& operator=(const Charge&) = delete;

  void release() noexcept {
    if (to_ != nullptr) {
      *std::exchange(to_, nullptr) -= bytes_;
    }
  }

 private:
  std::atomic<std::size_t>* to_{nullptr};
  std::size_t bytes_{0};
};

}  // namespace takt::zmq::internal
