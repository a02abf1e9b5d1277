#include "takt/transports/udp/internal/peers.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace takt::udp::internal {
namespace {

Address address(std::uint16_t port, std::uint32_t host = 0) {
  Address made{};
  made.sin_family = AF_INET;
  made.sin_addr.s_addr = host;
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

bool has(const Peers& peers, const Address& address) {
  const auto list = peers.list();
  return std::ranges::any_of(*list, [&](const Address& one) { return same(one, address); });
}

TEST(PeersTest, StrangersDoNotLockOutWhoComesLater) {
  Peers peers({}, true);
  for (std::uint16_t port = 0; port < Peers::kMax; ++port) {
    peers.heard(address(port), port);
  }
  peers.heard(address(500), 500);
  EXPECT_TRUE(has(peers, address(500)));
  EXPECT_FALSE(has(peers, address(0))) << "it was silent longest";
  EXPECT_EQ(peers.list()->size(), Peers::kMax);
}

TEST(PeersTest, AHostOfManyPortsDisplacesItselfAndNobodyElse) {
  Peers peers({}, true);
  peers.heard(address(1, 7), 0);
  for (std::uint16_t port = 0; port < 1000; ++port) {
    peers.heard(address(port, 8), port + 1);
  }
  EXPECT_TRUE(has(peers, address(1, 7)));
  EXPECT_TRUE(has(peers, address(999, 8)));
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
