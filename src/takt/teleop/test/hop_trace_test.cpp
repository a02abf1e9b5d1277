#include "takt/teleop/hop_trace.hpp"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::teleop {
namespace {

using messages::HopPoint;

TracedCommand command_of(std::initializer_list<messages::Hop> hops, std::uint64_t trace_id = 1) {
  TracedCommand command{.trace_id = trace_id, .hops = {}};
  for (const messages::Hop& hop : hops) {
    command.hops.push_back(hop);
  }
  return command;
}

messages::Hop hop(HopPoint point, core::Nanoseconds at_us, std::uint32_t thread = 7) {
  return {.stamp_ns = at_us * 1000, .thread = thread, .point = point};
}

/// A local command whose hops last 1, 2, 3, 4, 5 and `write_us` µs.
TracedCommand local_command(core::Nanoseconds write_us) {
  return command_of({hop(HopPoint::kGotState, 100), hop(HopPoint::kStateUpdated, 101), hop(HopPoint::kEnter, 103),
                     hop(HopPoint::kConverted, 106), hop(HopPoint::kGuarded, 110), hop(HopPoint::kPublished, 115),
                     hop(HopPoint::kApplied, 115 + write_us, 9)});
}

std::vector<std::string> names(const std::vector<HopRow>& rows) {
  std::vector<std::string> names;
  for (const HopRow& row : rows) {
    names.push_back(row.name);
  }
  return names;
}

/// Percentiles are bucket bounds: at most 1.6 % high.
void expect_about(double actual_us, double want_us) {
  EXPECT_GE(actual_us, want_us * 0.999);
  EXPECT_LE(actual_us, want_us * 1.017);
}

TEST(HopTraceTest, HasARowForEveryHopThatHappenedInTheirOrder) {
  HopTrace trace(0);
  EXPECT_TRUE(trace.rows().empty());
  trace.record(local_command(6));
  EXPECT_EQ(names(trace.rows()),
            (std::vector<std::string>{"state_updated", "enter", "converted", "guarded", "published", "applied"}));
  trace.record(command_of({hop(HopPoint::kPublished, 1), hop(HopPoint::kQueued, 2), hop(HopPoint::kDequeued, 40),
                           hop(HopPoint::kApplied, 41)}));
  EXPECT_EQ(names(trace.rows()), (std::vector<std::string>{"state_updated", "enter", "converted", "guarded",
                                                           "published", "queued", "dequeued", "applied"}));
}

TEST(HopTraceTest, MeasuresEachHopFromTheOneBefore) {
  HopTrace trace(0);
  trace.record(local_command(6));
  const auto rows = trace.rows();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].count, 1U);
    EXPECT_DOUBLE_EQ(rows[i].max_us, static_cast<double>(i + 1));
    expect_about(rows[i].p50_us, static_cast<double>(i + 1));
  }
  EXPECT_DOUBLE_EQ(trace.end_to_end().max_us, 21.0);
}

TEST(HopTraceTest, GivesPercentilesOfManyCommands) {
  HopTrace trace(0);
  for (int i = 1; i <= 10'000; ++i) {
    trace.record(local_command(i));
  }
  const HopRow applied = trace.rows().back();
  EXPECT_EQ(applied.name, "applied");
  EXPECT_EQ(applied.count, 10'000U);
  expect_about(applied.p50_us, 5000);
  expect_about(applied.p99_us, 9900);
  expect_about(applied.p999_us, 9990);
  EXPECT_DOUBLE_EQ(applied.max_us, 10'000);
  const HopRow all = trace.end_to_end();
  EXPECT_EQ(all.name, "end_to_end");
  EXPECT_EQ(all.count, 10'000U);
  expect_about(all.p50_us, 5015);
  EXPECT_DOUBLE_EQ(all.max_us, 10'015);
}

TEST(HopTraceTest, SaysOnWhichThreadAHopWasStampedLast) {
  HopTrace trace(0);
  trace.record(local_command(6));
  for (const HopRow& row : trace.rows()) {
    EXPECT_EQ(row.thread, row.name == "applied" ? 9U : 7U) << row.name;
  }
  EXPECT_EQ(trace.end_to_end().thread, 9U);
  trace.record(command_of({hop(HopPoint::kPublished, 1), hop(HopPoint::kApplied, 2, 12)}));
  EXPECT_EQ(trace.rows().back().thread, 12U);
}

TEST(HopTraceTest, IgnoresHopPointsThatItDoesNotKnow) {
  HopTrace trace(0);
  const auto foreign = static_cast<HopPoint>(200);
  trace.record(command_of({hop(foreign, 1), hop(HopPoint::kGotState, 10), hop(foreign, 12), hop(HopPoint::kApplied, 15),
                           hop(foreign, 99)}));
  const auto rows = trace.rows();
  ASSERT_EQ(names(rows), (std::vector<std::string>{"applied"}));
  EXPECT_DOUBLE_EQ(rows[0].max_us, 5.0) << "the rows still add up to the whole";
  EXPECT_DOUBLE_EQ(trace.end_to_end().max_us, 5.0);
}

TEST(HopTraceTest, CountsNothingForACommandWithoutKnownHops) {
  HopTrace trace(4);
  trace.record(command_of({}));
  trace.record(command_of({hop(static_cast<HopPoint>(77), 1)}));
  EXPECT_TRUE(trace.rows().empty());
  EXPECT_EQ(trace.end_to_end().count, 0U);
  EXPECT_TRUE(trace.drain().empty());
}

TEST(HopTraceTest, KeepsCommandsForATraceFileOnlyWhenAsked) {
  HopTrace trace(0);
  trace.record(local_command(1));
  EXPECT_TRUE(trace.drain().empty());
  EXPECT_EQ(trace.dropped(), 0U);
}

TEST(HopTraceTest, HandsOutTheKeptCommandsOnceInOrderAndCountsWhatDidNotFit) {
  HopTrace trace(4);
  for (std::uint64_t i = 1; i <= 6; ++i) {
    trace.record(command_of({hop(HopPoint::kGotState, 1), hop(HopPoint::kApplied, 2)}, i));
  }
  const auto kept = trace.drain();
  ASSERT_EQ(kept.size(), 4U);
  for (std::uint64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(kept[i].trace_id, i + 1);
    EXPECT_EQ(kept[i].hops.size(), 2U);
  }
  EXPECT_EQ(trace.dropped(), 2U);
  EXPECT_EQ(trace.end_to_end().count, 6U) << "what is not kept is counted all the same";
  EXPECT_TRUE(trace.drain().empty());
  trace.record(local_command(1));
  EXPECT_EQ(trace.drain().size(), 1U);
}

TEST(HopTraceTest, MayBeReadWhileAnotherThreadRecords) {
  HopTrace trace(64);
  constexpr int kCount = 5000;
  std::jthread recorder([&trace] {
    for (int i = 1; i <= kCount; ++i) {
      trace.record(local_command(i));
    }
  });
  std::uint64_t drained = 0;
  while (trace.end_to_end().count < kCount) {
    drained += trace.drain().size();
    static_cast<void>(trace.rows());
  }
  recorder.join();
  drained += trace.drain().size();
  EXPECT_EQ(drained + trace.dropped(), static_cast<std::uint64_t>(kCount));
}

TEST(HopTraceTest, RecordsWithoutAllocating) {
  HopTrace trace(16);
  const TracedCommand command = local_command(3);
  const testing::AllocationGuard guard;
  for (int i = 0; i < 100; ++i) {
    trace.record(command);
  }
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::teleop
