#include "takt/async/internal/isolated_segment.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/core/file_descriptor.hpp"

namespace takt::async {

using namespace internal;
namespace {

TEST(SegmentTest, TwoMappingsOfOneFileShareHeaderAndAreas) {
  const core::FileDescriptor file(make_segment_file(10'000));
  const Segment parent(file.get(), 10'000);
  const Segment child(file.get(), 10'000);
  parent.header().request_number.store(7);
  parent.request_area().back() = std::byte{1};
  child.reply_area().front() = std::byte{2};
  EXPECT_EQ(child.header().request_number.load(), 7U);
  EXPECT_EQ(child.request_area().back(), std::byte{1});
  EXPECT_EQ(parent.reply_area().front(), std::byte{2});
  EXPECT_EQ(child.request_area().size(), 10'000U);
}

TEST(SegmentTest, AreasDoNotOverlap) {
  const core::FileDescriptor file(make_segment_file(4096));
  const Segment segment(file.get(), 4096);
  EXPECT_GE(reinterpret_cast<std::byte*>(&segment.header() + 1), segment.request_area().data() - 4096);
  EXPECT_EQ(segment.request_area().data() + 4096, segment.reply_area().data());
}

TEST(SegmentTest, NobodyCanShrinkIt) {
  const core::FileDescriptor file(make_segment_file(4096));
  EXPECT_EQ(ftruncate(file.get(), 0), -1);
}

TEST(SegmentTest, WhatCannotBeMappedIsAnError) {
  EXPECT_THROW(Segment(-1, 4096), SystemError);
}

}  // namespace
}  // namespace takt::async
