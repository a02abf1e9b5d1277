#include "takt/transports/udp/internal/peers.hpp"

#include <gtest/gtest.h>

namespace takt::udp::internal {
namespace {

Address address(std::uint16_t port) {
  Address made{};
  made.sin_family = AF_INET;
  made.sin_port = port;
  return made;
}

TEST(PeersTest, AListenerSendsToThoseItHeardLately) {
  Peers peers({}, true);
  EXPECT_TRUE(peers.list()->empty());
  peers.heard(address(1), 0);
  peers.heard(address(2), Peers::kKeep_ns);
  EXPECT_EQ(peers.list()->size(), 2);
  peers.forget_silent(Peers::kKeep_ns + 1);
  ASSERT_EQ(peers.list()->size(), 1);
  EXPECT_TRUE(same(peers.list()->front(), address(2)));
}

TEST(PeersTest, LearnsABoundedNumber) {
  Peers peers({}, true);
  for (std::uint16_t port = 1; port < 500; ++port) {
    peers.heard(address(port), 0);
  }
  EXPECT_EQ(peers.list()->size(), Peers::kMax);
}

TEST(PeersTest, WhoSpeaksToOneHostOrAGroupLearnsNobody) {
  Peers peers({address(1)}, false);
  peers.heard(address(2), 0);
  peers.forget_silent(Peers::kKeep_ns * 2);
  EXPECT_EQ(peers.list()->size(), 1);
}

}  // namespace
}  // namespace takt::udp::internal
