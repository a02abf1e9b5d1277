#include "takt/controller/internal/failure.hpp"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "takt/controller/errors.hpp"
#include "takt/core/error.hpp"

namespace takt::controller::internal {
namespace {

/// What the client gets of what the server threw, over the wire.
template <class E>
E carried(const E& error) {
  const auto failure = messages::from_cdr<Failed>(messages::to_cdr(to_failure(error)));
  if (!failure) {
    throw std::runtime_error(failure.error().text());
  }
  try {
    throw_failure(*failure);
  } catch (const E& again) {
    EXPECT_EQ(typeid(again), typeid(E));
    return again;
  }
}

TEST(FailureTest, IsOfTheSameTypeAndWordsOnTheOtherSide) {
  EXPECT_STREQ(carried(ConfigError("law.stiffness: negative")).what(), "law.stiffness: negative");
  EXPECT_STREQ(carried(DeviceError("d")).what(), "d");
  EXPECT_STREQ(carried(SystemError("s")).what(), "s");
  EXPECT_STREQ(carried(LogicError("l")).what(), "l");
  EXPECT_STREQ(carried(NotRunningError("n")).what(), "n");
  EXPECT_STREQ(carried(NotCommanderError("c")).what(), "c");
  EXPECT_STREQ(carried(ProtocolError("p")).what(), "p");
  EXPECT_STREQ(carried(Error("e")).what(), "e");
}

TEST(FailureTest, OfATargetSaysWhyItWasRefused) {
  EXPECT_EQ(carried(TargetError(Refusal::kWorkspace, "t")).refusal(), Refusal::kWorkspace);
}

TEST(FailureTest, OfAnArmCarriesItsReport) {
  const control::FaultReport report{
      .fault = control::Fault::kTrackingError, .joint = 3, .value = 0.31, .limit = 0.2, .stamp_ns = 12};
  const FaultError again = carried(FaultError(report, "f"));
  EXPECT_EQ(again.report().fault, report.fault);
  EXPECT_EQ(again.report().joint, report.joint);
  EXPECT_EQ(again.report().value, report.value);
  EXPECT_EQ(again.report().limit, report.limit);
  EXPECT_EQ(again.report().stamp_ns, report.stamp_ns);
}

TEST(FailureTest, OfAnUnknownTypeIsAnErrorWithItsWords) {
  try {
    throw_failure(to_failure(std::runtime_error("odd")));
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "odd");
  }
}

TEST(FailureTest, WithATextLongerThanAPacketStillFitsIntoOne) {
  const Failed failure = to_failure(DeviceError(std::string(kMaxPacketBytes, 'x')));
  EXPECT_NO_THROW((void)pack(1, failure));
}

}  // namespace
}  // namespace takt::controller::internal
