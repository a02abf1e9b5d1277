#include "takt/node/errors.hpp"

#include <gtest/gtest.h>

namespace takt::node {
namespace {

TEST(NodeDestroyedTest, NamesTheNode) {
  const NodeDestroyed error("/left/arm");
  EXPECT_EQ(error.node(), "/left/arm");
  EXPECT_NE(std::string(error.what()).find("/left/arm"), std::string::npos);
}

}  // namespace
}  // namespace takt::node
