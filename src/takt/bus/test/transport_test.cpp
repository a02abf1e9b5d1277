#include "takt/bus/transport.hpp"

#include <gtest/gtest.h>

namespace takt::bus {
namespace {

TEST(CapabilityTest, IsOneBitOfMany) {
  const Capabilities capabilities =
      static_cast<Capabilities>(Capability::kGraph) | static_cast<Capabilities>(Capability::kMulticast);
  EXPECT_TRUE(has(capabilities, Capability::kGraph));
  EXPECT_FALSE(has(capabilities, Capability::kEncrypted));
}

TEST(RequestIdTest, NamesOneRequestAmongAllOfAllClients) {
  const RequestId id{.client = {1}, .sequence = 2};
  EXPECT_EQ(id, (RequestId{.client = {1}, .sequence = 2}));
  EXPECT_NE(id, (RequestId{.client = {2}, .sequence = 2}));
  EXPECT_NE(id, (RequestId{.client = {1}, .sequence = 3}));
}

}  // namespace
}  // namespace takt::bus
