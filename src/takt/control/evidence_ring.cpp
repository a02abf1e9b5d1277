#include "takt/control/evidence_ring.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "takt/core/error.hpp"

// A row:   cycle, stamp, sequence, woke, written, success rate, command, its stamp, its epoch, flags (2 words), law
// (3 words), then dof numbers of each vector.

namespace takt::control {
namespace {

constexpr std::size_t kNumberWords = 9;
constexpr std::size_t kLawWords = 3;
constexpr std::size_t kFlagWords = 2;
constexpr std::size_t kHeadWords = kNumberWords + kFlagWords + kLawWords;
constexpr std::size_t kVectors = 9;

struct Flags {
  CycleMode mode;
  Fault fault;
  Freshness freshness;
  CommandKind following;
  bool at_rest;
  bool brakes_engaged;
  bool leashed;
  Reference reference;
  HaltCause halt_cause;
  std::array<std::uint8_t, 7> unused;
};
static_assert(sizeof(Flags) == kFlagWords * sizeof(std::uint64_t));

template <class State>
auto vectors_of(State& state) noexcept {
  return std::array{&state.measured.q_rad, &state.measured.dq_rad_s, &state.measured.tau_nm,
                    &state.setpoint.q_rad, &state.setpoint.dq_rad_s, &state.setpoint.ddq_rad_s2,
                    &state.target_rad,     &state.tau_wanted_nm,     &state.tau_nm};
}

}  // namespace

EvidenceRing::EvidenceRing(std::size_t dof, std::size_t cycles)
    : dof_(dof), stride_(kHeadWords + kVectors * dof), capacity_(cycles), words_(stride_ * cycles) {
  if (cycles == 0) {
    throw LogicError("EvidenceRing: room for no cycles");
  }
}

void EvidenceRing::record(const CycleState& state) noexcept {
  std::uint64_t* word = words_.data() + (recorded_ % capacity_) * stride_;
  *word++ = state.cycle;
  *word++ = std::bit_cast<std::uint64_t>(state.measured.stamp_ns);
  *word++ = state.measured.sequence;
  *word++ = std::bit_cast<std::uint64_t>(state.woke_ns);
  *word++ = std::bit_cast<std::uint64_t>(state.written_ns);
  *word++ = std::bit_cast<std::uint64_t>(state.measured.command_success_rate);
  *word++ = state.command;
  *word++ = std::bit_cast<std::uint64_t>(state.command_stamp_ns);
  *word++ = state.epoch;
  const auto flags =
      std::bit_cast<std::array<std::uint64_t, kFlagWords>>(Flags{.mode = state.mode,
                                                                 .fault = state.fault,
                                                                 .freshness = state.freshness,
                                                                 .following = state.following,
                                                                 .at_rest = state.at_rest,
                                                                 .brakes_engaged = state.measured.brakes_engaged,
                                                                 .leashed = state.leashed,
                                                                 .reference = state.reference,
                                                                 .halt_cause = state.halt_cause,
                                                                 .unused = {}});
  word = std::copy(flags.begin(), flags.end(), word);
  const std::string_view law = state.law.view();
  std::array<char, kLawWords * sizeof(std::uint64_t)> name{};
  law.copy(name.data(), name.size() - 1);
  std::memcpy(word, name.data(), name.size());
  word += kLawWords;
  for (const core::JointVector* vector : vectors_of(state)) {
    const std::size_t size = std::min(vector->size(), dof_);
    std::memcpy(word, vector->data(), size * sizeof(double));
    std::memset(word + size, 0, (dof_ - size) * sizeof(double));
    word += dof_;
  }
  ++recorded_;
}

std::vector<CycleState> EvidenceRing::rows() const {
  std::vector<CycleState> kept;
  const std::uint64_t first = recorded_ > capacity_ ? recorded_ - capacity_ : 0;
  kept.reserve(recorded_ - first);
  for (std::uint64_t i = first; i < recorded_; ++i) {
    kept.push_back(unpack(std::span(words_).subspan((i % capacity_) * stride_, stride_)));
  }
  return kept;
}

CycleState EvidenceRing::unpack(std::span<const std::uint64_t> row) const {
  CycleState state;
  state.cycle = row[0];
  state.measured.stamp_ns = std::bit_cast<core::Nanoseconds>(row[1]);
  state.measured.sequence = row[2];
  state.woke_ns = std::bit_cast<core::Nanoseconds>(row[3]);
  state.written_ns = std::bit_cast<core::Nanoseconds>(row[4]);
  state.measured.command_success_rate = std::bit_cast<double>(row[5]);
  state.command = row[6];
  state.command_stamp_ns = std::bit_cast<core::Nanoseconds>(row[7]);
  state.epoch = static_cast<LeaseEpoch>(row[8]);
  const auto flags = std::bit_cast<Flags>(std::array{row[kNumberWords], row[kNumberWords + 1]});
  state.mode = flags.mode;
  state.fault = flags.fault;
  state.freshness = flags.freshness;
  state.following = flags.following;
  state.at_rest = flags.at_rest;
  state.measured.brakes_engaged = flags.brakes_engaged;
  state.leashed = flags.leashed;
  state.reference = flags.reference;
  state.halt_cause = flags.halt_cause;
  std::array<char, kLawWords * sizeof(std::uint64_t)> name{};
  std::memcpy(name.data(), row.data() + kNumberWords + kFlagWords, name.size());
  state.law = std::string_view(name.data());
  const std::uint64_t* word = row.data() + kHeadWords;
  for (core::JointVector* vector : vectors_of(state)) {
    vector->resize(dof_);
    std::memcpy(vector->data(), word, dof_ * sizeof(double));
    word += dof_;
  }
  return state;
}

}  // namespace takt::control
