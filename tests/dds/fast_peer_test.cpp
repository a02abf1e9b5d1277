#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <tuple>

#include <gtest/gtest.h>

#include "interop.hpp"

// The transport dds and services of Fast DDS, which speak the other dialect.
namespace takt::dds {
namespace {

using test::boolean_of;
using test::Child;
using test::domain;
using test::eventually;
using test::kFastPeer;
using test::own;
using test::was_built;

TEST(DdsInteropServer, AClientOfTheOtherDialectIsNamedAndNotServed) {
  if (!was_built(kFastPeer)) {
    GTEST_SKIP() << kFastPeer.wants;
  }
  const auto transport = test::open();
  std::atomic<bool> told{false};
  const auto server = transport->serve(test::service(own("/fastcall")), test::on_incompatible([&](const auto& reason) {
                                         EXPECT_TRUE(reason.contains("rmw_fastrtps")) << reason;
                                         EXPECT_TRUE(reason.contains(own("/fastcall"))) << reason;
                                         told = true;
                                       }));
  Child peer({kFastPeer.program, domain(), "call", own("/fastcall")});
  ASSERT_TRUE(peer.says("ready")) << peer.said();
  EXPECT_TRUE(eventually([&] { return told.load(); }));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // some requests
  EXPECT_FALSE(server->take([](const bus::RequestId&, bus::Bytes, const bus::MessageInfo&) {}));
}

TEST(DdsInteropServer, OfServersOfBothDialectsThoseOfCycloneAreAskedAndTheOthersNamed) {
  if (!was_built(kFastPeer)) {
    GTEST_SKIP() << kFastPeer.wants;
  }
  Child peer({kFastPeer.program, domain(), "serve", own("/mixed")});
  ASSERT_TRUE(peer.says("ready")) << peer.said();
  const auto here = test::open();
  const auto there = test::open();
  std::atomic<bool> told{false};
  const auto client = here->client(test::service(own("/mixed")), test::on_incompatible([&](const auto& reason) {
                                     EXPECT_TRUE(reason.contains("rmw_fastrtps")) << reason;
                                     EXPECT_TRUE(reason.contains(own("/mixed"))) << reason;
                                     told = true;
                                   }));
  ASSERT_TRUE(eventually([&] { return client->matched().current == 1; }));
  const auto server = there->serve(test::service(own("/mixed")), {});
  ASSERT_TRUE(eventually([&] { return told.load(); }));
  EXPECT_EQ(client->matched().current, 1U);
  std::optional<bus::RequestId> asked;
  ASSERT_TRUE(eventually([&] {
    if (const auto sent = client->request(messages::to_cdr(std::tuple(true)))) {
      asked = *sent;
    }
    return asked.has_value();
  }));
  ASSERT_TRUE(eventually([&] {
    bool answered = false;
    (void)server->take([&](const bus::RequestId& id, bus::Bytes bytes, const bus::MessageInfo&) {
      EXPECT_TRUE(boolean_of(bytes));
      answered = server->reply(id, messages::to_cdr(std::tuple(true, std::string("ours")))).has_value();
    });
    return answered;
  }));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // for what the other makes of the request
  int answers = 0;
  while (client->take([&](const bus::RequestId& id, bus::Bytes bytes, const bus::MessageInfo&) {
    EXPECT_EQ(id, *asked);
    const auto reply = messages::from_cdr<std::tuple<bool, std::string>>(bytes);
    EXPECT_EQ(reply.value(), std::tuple(true, std::string("ours")));
  })) {
    ++answers;
  }
  EXPECT_EQ(answers, 1);
}

}  // namespace
}  // namespace takt::dds
