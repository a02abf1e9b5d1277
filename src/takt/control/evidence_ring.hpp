#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "takt/control/cycle_state.hpp"

namespace takt::control {

/// The last cycles, each packed into as many words as its joints need (77 for seven, 0.6 KiB): 10 s of 1 kHz are 6 MB
/// that are written round and round. Recording is real-time safe; reading is for when nobody records.
class EvidenceRing {
 public:
  /// Allocates all of it. @throws LogicError for no cycles.
  EvidenceRing(std::size_t dof, std::size_t cycles);

  /// @pre all vectors of the state have dof elements or none. Real-time safe, ~0.1 µs.
  void record(const CycleState& state) noexcept;
  void clear() noexcept { recorded_ = 0; }

  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::uint64_t recorded() const noexcept { return recorded_; }

  /// What is kept, oldest first. Allocates.
  [[nodiscard]] std::vector<CycleState> rows() const;

 private:
  [[nodiscard]] CycleState unpack(std::span<const std::uint64_t> row) const;

  std::size_t dof_;
  std::size_t stride_;
  std::size_t capacity_;
  std::uint64_t recorded_{0};
  std::vector<std::uint64_t> words_;
};

}  // namespace takt::control
