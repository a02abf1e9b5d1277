#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <signal.h>

#include "interop.hpp"

// The transport dds and programs of Cyclone DDS with types of its own compiler.
namespace takt::dds {
namespace {

using test::boolean_of;
using test::Child;
using test::domain;
using test::eventually;
using test::kIdlPeer;
using test::own;
using test::was_built;

TEST(DdsInteropServer, AClientOfCycloneIsAnswered) {
  if (!was_built(kIdlPeer)) {
    GTEST_SKIP() << kIdlPeer.wants;
  }
  const auto transport = test::open();
  const auto server = transport->serve(test::service(own("/called")), {});
  Child peer({kIdlPeer.program, domain(), "call", own("/called")});
  std::optional<bus::RequestId> owed;
  ASSERT_TRUE(eventually([&] {
    (void)server->take([&](const bus::RequestId& id, bus::Bytes bytes, const bus::MessageInfo&) {
      EXPECT_TRUE(boolean_of(bytes));
      owed = id;
    });
    return owed && server->reply(*owed, messages::to_cdr(std::tuple(true, std::string("as you like")))).has_value();
  }));
  EXPECT_TRUE(peer.says("answer: as you like")) << peer.said();
}

TEST(DdsInteropFaults, AKilledServerIsNoticedWhenItsLeaseEnds) {
  if (!was_built(kIdlPeer)) {
    GTEST_SKIP() << kIdlPeer.wants;
  }
  const auto transport = test::open();
  const auto client = transport->client(test::service(own("/killed")), {});
  Child peer({kIdlPeer.program, domain(), "serve", own("/killed")},
             {test::on_loopback("<LeaseDuration>500ms</LeaseDuration>")});
  ASSERT_TRUE(eventually([&] { return client->matched().current == 1; }));
  ASSERT_EQ(::kill(peer.pid(), SIGKILL), 0);
  EXPECT_TRUE(eventually([&] { return client->matched().current == 0; }));
}

TEST(DdsInteropFaults, MoreThanNineProcessesOfOneHostFindEachOther) {
  if (!was_built(kIdlPeer)) {
    GTEST_SKIP() << kIdlPeer.wants;
  }
  constexpr int kPeers = 12;
  const auto transport = test::open();
  std::vector<std::unique_ptr<Child>> peers;
  for (int i = 0; i < kPeers; ++i) {
    const std::string name = own("/crowd_" + std::to_string(i));
    peers.push_back(
        std::make_unique<Child>(std::vector<std::string>{kIdlPeer.program, domain(), "echo", name, own("/crowd")}));
  }
  EXPECT_TRUE(eventually([&] {
    const bus::Graph graph = transport->graph();
    return std::ranges::count(graph.endpoints, own("/crowd"), &bus::EndpointInfo::name) == kPeers;
  }));
}

}  // namespace
}  // namespace takt::dds
