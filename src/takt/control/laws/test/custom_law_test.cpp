#include "takt/control/laws/custom_law.hpp"

#include <gtest/gtest.h>

#include "takt/control/laws/test/law_rig.hpp"
#include "takt/control/model/test/test_arms.hpp"

namespace takt::control {
namespace {

using core::JointVector;

/// The least that is a law.
struct Damper {
  double damping_nm_s_rad{3.0};
  void step(const LawInput& input, JointVector& tau_nm) noexcept {
    tau_nm.eigen() -= damping_nm_s_rad * input.measured.dq_rad_s.eigen();
  }
};

/// With everything.
struct Counter {
  static constexpr std::string_view kName = "counter";
  static constexpr Reference kReference = Reference::kMeasured;
  double count{0.0};
  void reset(const LawInput& /*input*/) noexcept { count = 0.0; }
  void step(const LawInput& /*input*/, JointVector& tau_nm) noexcept { tau_nm[0] = ++count; }
};

struct MayThrow {
  void step(const LawInput& input, JointVector& tau_nm);
};
struct Deaf {
  void step(JointVector& tau_nm) noexcept;
};
struct Uncopyable : Damper {
  Uncopyable(const Uncopyable&) = delete;
};
static_assert(CustomLaw<Damper> && CustomLaw<Counter>);
static_assert(!CustomLaw<MayThrow>);
static_assert(!CustomLaw<Deaf>);
static_assert(!CustomLaw<Uncopyable>);

TEST(CustomLawTest, NeedsNoMoreThanAStep) {
  testing::LawRig rig(JointTorque{}, testing::random_arm(61, 4));
  rig.law = make_custom_law(Damper{.damping_nm_s_rad = 2.0});
  EXPECT_EQ(rig.law->name(), "custom");
  EXPECT_EQ(rig.law->reference(), Reference::kSetpoint);
  rig.measured.dq_rad_s = {1.0, 2.0, 3.0, 4.0};
  EXPECT_EQ(rig.step(), (JointVector{-2.0, -4.0, -6.0, -8.0}));
  rig.law->reset(rig.input());
  EXPECT_EQ(rig.step(), (JointVector{-2.0, -4.0, -6.0, -8.0}));  // each step begins with zeros
  EXPECT_EQ(rig.allocations, 0U);
}

TEST(CustomLawTest, MayHaveNameReferenceResetAndState) {
  testing::LawRig rig(JointTorque{}, testing::random_arm(61, 2));
  rig.law = make_custom_law(Counter{});
  EXPECT_EQ(rig.law->name(), "counter");
  EXPECT_EQ(rig.law->reference(), Reference::kMeasured);
  EXPECT_EQ(rig.step(), (JointVector{1.0, 0.0}));
  EXPECT_EQ(rig.step(), (JointVector{2.0, 0.0}));
  rig.law->reset(rig.input());
  EXPECT_EQ(rig.step(), (JointVector{1.0, 0.0}));
}

}  // namespace
}  // namespace takt::control
