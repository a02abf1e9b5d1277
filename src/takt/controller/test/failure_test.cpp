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

TEST(Failure, is_of_the_same_type_and_words_on_the_other_side) {
  EXPECT_STREQ(carried(ConfigError("law.stiffness: negative")).what(), "law.stiffness: negative");
  EXPECT_STREQ(carried(DeviceError("d")).what(), "d");
  EXPECT_STREQ(carried(SystemError("s")).what(), "s");
  EXPECT_STREQ(carried(LogicError("l")).what(), "l");
  EXPECT_STREQ(carried(NotRunningError("n")).what(), "n");
  EXPECT_STREQ(carried(NotCommanderError("c")).what(), "c");
  EXPECT_STREQ(carried(ProtocolError("p")).what(), "p");
  EXPECT_STREQ(carried(Error("e")).what(), "e");
}

TEST(Failure, of_a_target_says_why_it_was_refused) {
  EXPECT_EQ(carried(TargetError(Refusal::kWorkspace, "t")).refusal(), Refusal::kWorkspace);
}

TEST(Failure, of_an_arm_carries_its_report) {
  const control::FaultReport report{
      .fault = control::Fault::kTrackingError, .joint = 3, .value = 0.31, .limit = 0.2, .stamp_ns = 12};
  const FaultError again = carried(FaultError(report, "f"));
  EXPECT_EQ(again.report().fault, report.fault);
  EXPECT_EQ(again.report().joint, report.joint);
  EXPECT_EQ(again.report().value, report.value);
  EXPECT_EQ(again.report().limit, report.limit);
  EXPECT_EQ(again.report().stamp_ns, report.stamp_ns);
}

TEST(Failure, of_an_unknown_type_is_an_error_with_its_words) {
  try {
    throw_failure(to_failure(std::runtime_error("odd")));
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "odd");
  }
}

TEST(Failure, with_a_text_longer_than_a_packet_still_fits_into_one) {
  const Failed failure = to_failure(DeviceError(std::string(kMaxPacketBytes, 'x')));
  EXPECT_NO_THROW((void)pack(1, failure));
}

}  // namespace
}  // namespace takt::controller::internal
