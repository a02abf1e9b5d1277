#include "takt/transports/dds/internal/qos.hpp"

#include <gtest/gtest.h>

namespace takt::dds {
namespace {

bus::Qos qos(bus::Reliability reliability, bus::Durability durability, std::uint32_t depth) {
  bus::Qos result;
  result.reliability = reliability;
  result.durability = durability;
  result.depth = depth;
  return result;
}

TEST(DdsQos, WhatIsSetIsWhatIsAnnounced) {
  for (const auto reliability : {bus::Reliability::kBestEffort, bus::Reliability::kReliable}) {
    for (const auto durability : {bus::Durability::kVolatile, bus::Durability::kTransientLocal}) {
      for (const std::uint32_t depth : {0U, 1U, 10U}) {
        bus::Qos asked = qos(reliability, durability, depth);
        EXPECT_EQ(announced_qos(reader_qos(asked, "", 100).get()), asked);
        asked.deadline_ns = 5'000'000;
        asked.lifespan_ns = 7'000'000;
        EXPECT_EQ(announced_qos(writer_qos(asked, "").get()), asked);
      }
    }
  }
}

TEST(DdsQos, UserDataIsCarried) {
  EXPECT_EQ(announced_user_data(writer_qos({}, "typehash=x;").get()), "typehash=x;");
  EXPECT_EQ(announced_user_data(reader_qos({}, "", 1).get()), "");
}

TEST(DdsQos, AWriterNeverWaitsAndIsNotDisposedWithItsProcess) {
  const QosHandle writer = writer_qos({}, "");
  dds_reliability_kind_t kind = DDS_RELIABILITY_BEST_EFFORT;
  dds_duration_t wait = -1;
  ASSERT_TRUE(dds_qget_reliability(writer.get(), &kind, &wait));
  EXPECT_EQ(wait, 0);
  bool dispose = true;
  ASSERT_TRUE(dds_qget_writer_data_lifecycle(writer.get(), &dispose));
  EXPECT_FALSE(dispose);
}

TEST(DdsQos, KeepAllIsBounded) {
  std::int32_t samples = 0;
  std::int32_t instances = 0;
  std::int32_t each = 0;
  ASSERT_TRUE(dds_qget_resource_limits(reader_qos(qos({}, {}, 0), "", 123).get(), &samples, &instances, &each));
  EXPECT_EQ(samples, 123);
  EXPECT_EQ(each, 123);
}

TEST(DdsQos, MismatchesSayWhatIsAskedForAndWhatIsOffered) {
  const bus::Qos best = qos(bus::Reliability::kBestEffort, bus::Durability::kVolatile, 1);
  const bus::Qos latched = bus::Qos::latched();
  EXPECT_EQ(qos_mismatch(best, {}), "reliable is asked for, best effort is offered");
  EXPECT_EQ(qos_mismatch({}, latched), "transient local is asked for, volatile is offered");
  EXPECT_EQ(qos_mismatch(latched, best), "");
  bus::Qos quick;
  quick.deadline_ns = 10'000'000;
  bus::Qos slow;
  slow.deadline_ns = 20'500'000;
  EXPECT_EQ(qos_mismatch(slow, quick), "a deadline of 10 ms is asked for, a deadline of 20.5 ms is offered");
  EXPECT_EQ(qos_mismatch({}, quick), "a deadline of 10 ms is asked for, no deadline is offered");
  EXPECT_EQ(qos_mismatch(quick, slow), "");
}

}  // namespace
}  // namespace takt::dds
