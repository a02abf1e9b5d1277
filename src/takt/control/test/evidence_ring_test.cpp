#include "takt/control/evidence_ring.hpp"

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

CycleState state_of(std::uint64_t cycle) {
  const auto number = static_cast<double>(cycle);
  CycleState state;
  state.cycle = cycle;
  state.mode = CycleMode::kHalting;
  state.fault = Fault::kStale;
  state.freshness = Freshness::kHold;
  state.following = CommandKind::kPose;
  state.reference = Reference::kTorque;
  state.at_rest = false;
  state.leashed = true;
  state.law = "operational_space";
  state.halt_cause = HaltCause::kWorkspace;
  state.command = 17;
  state.command_stamp_ns = 18;
  state.epoch = 19;
  state.woke_ns = 11;
  state.written_ns = 12;
  state.measured.stamp_ns = static_cast<core::Nanoseconds>(cycle * 1'000'000);
  state.measured.sequence = cycle + 5;
  state.measured.command_success_rate = 0.98;
  state.measured.brakes_engaged = false;
  state.measured.q_rad = {number, 1.0, 2.0};
  state.measured.dq_rad_s = {3.0, 4.0, 5.0};
  state.measured.tau_nm = {6.0, 7.0, 8.0};
  state.setpoint = {.q_rad = {9.0, 1.5, 2.5}, .dq_rad_s = {0.1, 0.2, 0.3}, .ddq_rad_s2 = {0.4, 0.5, 0.6}};
  state.target_rad = {1.1, 1.2, 1.3};
  state.tau_wanted_nm = {100.0, 200.0, 300.0};
  state.tau_nm = {87.0, 87.0, 12.0};
  return state;
}

TEST(EvidenceRingTest, GivesBackWhatItKept) {
  EvidenceRing ring(3, 10);
  ring.record(state_of(4));
  const auto rows = ring.rows();
  ASSERT_EQ(rows.size(), 1U);
  const CycleState want = state_of(4);
  const CycleState& got = rows[0];
  EXPECT_EQ(got.cycle, 4U);
  EXPECT_EQ(got.mode, want.mode);
  EXPECT_EQ(got.fault, want.fault);
  EXPECT_EQ(got.freshness, want.freshness);
  EXPECT_EQ(got.following, want.following);
  EXPECT_EQ(got.reference, want.reference);
  EXPECT_FALSE(got.at_rest);
  EXPECT_TRUE(got.leashed);
  EXPECT_EQ(got.law, want.law);
  EXPECT_EQ(got.halt_cause, want.halt_cause);
  EXPECT_EQ(got.command, 17U);
  EXPECT_EQ(got.command_stamp_ns, 18);
  EXPECT_EQ(got.epoch, 19U);
  EXPECT_EQ(got.woke_ns, 11);
  EXPECT_EQ(got.written_ns, 12);
  EXPECT_EQ(got.measured.stamp_ns, 4'000'000);
  EXPECT_EQ(got.measured.sequence, 9U);
  EXPECT_EQ(got.measured.command_success_rate, 0.98);
  EXPECT_FALSE(got.measured.brakes_engaged);
  EXPECT_EQ(got.measured.q_rad, want.measured.q_rad);
  EXPECT_EQ(got.measured.dq_rad_s, want.measured.dq_rad_s);
  EXPECT_EQ(got.measured.tau_nm, want.measured.tau_nm);
  EXPECT_EQ(got.setpoint.q_rad, want.setpoint.q_rad);
  EXPECT_EQ(got.setpoint.dq_rad_s, want.setpoint.dq_rad_s);
  EXPECT_EQ(got.setpoint.ddq_rad_s2, want.setpoint.ddq_rad_s2);
  EXPECT_EQ(got.target_rad, want.target_rad);
  EXPECT_EQ(got.tau_wanted_nm, want.tau_wanted_nm);
  EXPECT_EQ(got.tau_nm, want.tau_nm);
}

TEST(EvidenceRingTest, KeepsTheNewestOldestFirst) {
  EvidenceRing ring(3, 10);
  for (std::uint64_t cycle = 1; cycle <= 25; ++cycle) {
    ring.record(state_of(cycle));
  }
  const auto rows = ring.rows();
  ASSERT_EQ(rows.size(), 10U);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].cycle, 16 + i);
  }
  ring.clear();
  EXPECT_TRUE(ring.rows().empty());
}

TEST(EvidenceRingTest, MissingVectorsAreZeros) {
  EvidenceRing ring(3, 2);
  ring.record({});
  EXPECT_EQ(ring.rows()[0].measured.q_rad, core::JointVector::zero(3));
}

TEST(EvidenceRingTest, NeedsRoom) {
  EXPECT_THROW(EvidenceRing(3, 0), LogicError);
}

TEST(EvidenceRingTest, RecordsWithoutAllocating) {
  EvidenceRing ring(3, 10);
  const CycleState state = state_of(1);
  const testing::AllocationGuard guard;
  for (int i = 0; i < 25; ++i) {
    ring.record(state);
  }
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::control
