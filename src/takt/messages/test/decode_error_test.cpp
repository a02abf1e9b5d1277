#include "takt/messages/decode_error.hpp"

#include <gtest/gtest.h>

namespace takt::messages {
namespace {

TEST(DecodeErrorTest, ReadsAsPathAndReason) {
  EXPECT_EQ((DecodeError{.path = "a.b", .what = "too long"}).text(), "a.b: too long");
  EXPECT_EQ((DecodeError{.path = "", .what = "too long"}).text(), "too long");
}

TEST(DecodeErrorTest, GrowsItsPathFromTheInside) {
  DecodeError error{.path = "", .what = "too long"};
  error = under("name", std::move(error));
  EXPECT_EQ(error.path, "name");
  error = under(index_path(3), std::move(error));
  EXPECT_EQ(error.path, "[3].name");
  error = under("robots", std::move(error));
  EXPECT_EQ(error.path, "robots[3].name");
}

}  // namespace
}  // namespace takt::messages
