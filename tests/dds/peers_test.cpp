#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "interop.hpp"

// The transport dds and each of the peers: topics and services, both ways.
namespace takt::dds {
namespace {

using test::Child;
using test::domain;
using test::eventually;
using test::own;
using test::Peer;

class DdsInterop : public testing::TestWithParam<Peer> {
 protected:
  void SetUp() override {
    if (!was_built(GetParam())) {
      GTEST_SKIP() << GetParam().wants;
    }
  }
  [[nodiscard]] static std::string unique(std::string_view name) { return own(std::string(name) + GetParam().name); }

  const std::shared_ptr<bus::Transport> transport = test::open();
};

TEST_P(DdsInterop, MessagesGoBothWaysInOrder) {
  constexpr int kCount = 20;
  Child peer({GetParam().program, domain(), "echo", unique("/in"), unique("/out")});
  ASSERT_TRUE(peer.says("ready")) << peer.said();
  const auto publisher = transport->advertise(test::topic(unique("/in"), test::depth(100)), {});
  const auto subscription = transport->subscribe(test::topic(unique("/out"), test::depth(100)), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1 && subscription->matched().current == 1; }));
  std::vector<std::string> heard;
  const auto listen = [&] {
    const auto more = test::take_texts(*subscription);
    heard.insert(heard.end(), more.begin(), more.end());
  };
  // That we have matched says nothing of the peer: it may not know us yet. What comes before is lost.
  const std::string prefix = GetParam().prefix;
  ASSERT_TRUE(eventually([&] {
    EXPECT_TRUE(publisher->publish(test::text("there?")));
    listen();
    return !heard.empty();
  }));
  for (int i = 0; i < kCount; ++i) {
    ASSERT_TRUE(publisher->publish(test::text(std::to_string(i))));
  }
  ASSERT_TRUE(eventually([&] {
    listen();
    return heard.back() == prefix + std::to_string(kCount - 1);
  })) << heard.back();
  std::erase(heard, prefix + "there?");
  ASSERT_EQ(heard.size(), static_cast<std::size_t>(kCount));
  for (int i = 0; i < kCount; ++i) {
    EXPECT_EQ(heard[static_cast<std::size_t>(i)], prefix + std::to_string(i));
  }
}

TEST_P(DdsInterop, ItsServiceAnswersOurClient) {
  Child peer({GetParam().program, domain(), "serve", unique("/serve")});
  ASSERT_TRUE(peer.says("ready")) << peer.said();
  const auto client = transport->client(test::service(unique("/serve")), {});
  ASSERT_TRUE(eventually([&] { return client->matched().current == 1; }));
  // That we have matched says nothing of the peer: it may not know us yet. What is asked before is lost.
  ASSERT_TRUE(eventually([&] {
    EXPECT_TRUE(client->request(messages::to_cdr(std::tuple(true))));
    return client->take([](const bus::RequestId&, bus::Bytes, const bus::MessageInfo&) {});
  }));
  for (const bool on : {true, false, false, true}) {
    const auto asked = client->request(messages::to_cdr(std::tuple(on)));
    ASSERT_TRUE(asked);
    bool answered = false;
    EXPECT_TRUE(eventually([&] {
      (void)client->take([&](const bus::RequestId& id, bus::Bytes bytes, const bus::MessageInfo&) {
        if (id == *asked) {
          answered = true;
          const auto reply = messages::from_cdr<std::tuple<bool, std::string>>(bytes);
          ASSERT_TRUE(reply) << reply.error().text();
          EXPECT_EQ(*reply, std::tuple(true, std::string(on ? "on" : "off")));
        }
      });
      return answered;
    }));
  }
}

TEST_P(DdsInterop, AServerThatGoesIsNoticed) {
  auto peer =
      std::make_unique<Child>(std::vector<std::string>{GetParam().program, domain(), "serve", unique("/leaves")});
  ASSERT_TRUE(peer->says("ready")) << peer->said();
  std::atomic<int> told{-1};
  const auto client =
      transport->client(test::service(unique("/leaves")),
                        test::on_matched([&](const auto& matched) { told = static_cast<int>(matched.current); }));
  ASSERT_TRUE(eventually([&] { return told == 1; }));
  peer.reset();
  EXPECT_TRUE(eventually([&] { return told == 0 && client->matched().current == 0; }));
}

INSTANTIATE_TEST_SUITE_P(Peers, DdsInterop, testing::Values(test::kIdlPeer, test::kFastPeer),
                         [](const auto& peer) { return std::string(peer.param.name); });

}  // namespace
}  // namespace takt::dds
