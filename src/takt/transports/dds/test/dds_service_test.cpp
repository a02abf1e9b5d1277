#include <atomic>
#include <mutex>
#include <optional>
#include <set>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/transports/dds/test/dds_test.hpp"

// Clients and servers over the loopback interface, both ours. Other dialects: tests/dds.
namespace takt::dds {
namespace {

using test::eventually;
using test::own;

struct Received {
  bus::RequestId id;
  std::string text;
  bus::MessageInfo info;
};

template <class Endpoint>
std::optional<Received> take_one(Endpoint& endpoint) {
  std::optional<Received> received;
  (void)eventually([&] {
    return endpoint.take([&](const bus::RequestId& id, bus::Bytes bytes, const bus::MessageInfo& info) {
      received = Received{.id = id, .text = test::text_of(bytes), .info = info};
    });
  });
  return received;
}

class DdsService : public testing::Test {
 protected:
  static bus::RequestId request(bus::TransportClient& client, std::string_view text) {
    std::optional<bus::RequestId> id;
    EXPECT_TRUE(eventually([&] {
      const auto sent = client.request(test::text(text));
      id = sent ? std::optional(*sent) : std::nullopt;
      return id.has_value();
    }));
    return id.value_or(bus::RequestId{});
  }
  static void reply(bus::TransportServer& server, const bus::RequestId& id, std::string_view text) {
    EXPECT_TRUE(eventually([&] { return server.reply(id, test::text(text)).has_value(); }));
  }

  const std::shared_ptr<bus::Transport> here = test::open();
  const std::shared_ptr<bus::Transport> there = test::open();
};

TEST_F(DdsService, ARequestIsAnsweredToWhoAsked) {
  const auto client = here->client(test::service(own("/ask")), {});
  const auto bystander = here->client(test::service(own("/ask")), {});
  const auto server = there->serve(test::service(own("/ask")), {});
  const bus::RequestId id = request(*client, "2 + 2?");
  const auto asked = take_one(*server);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->text, "2 + 2?");
  EXPECT_EQ(asked->info.sender, id.client);
  reply(*server, asked->id, "4");
  const auto answer = take_one(*client);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->id, id);
  EXPECT_EQ(answer->text, "4");
  // A second exchange by the other, after which it must not have seen the first.
  const bus::RequestId other = request(*bystander, "3 + 3?");
  EXPECT_NE(other.client, id.client);
  const auto asked_again = take_one(*server);
  ASSERT_TRUE(asked_again);
  reply(*server, asked_again->id, "6");
  const auto second = take_one(*bystander);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->text, "6");
  EXPECT_FALSE(client->take([](const bus::RequestId&, bus::Bytes, const bus::MessageInfo&) {}));
}

TEST_F(DdsService, RepliesMayComeInAnotherOrderAndLater) {
  const auto client = here->client(test::service(own("/order")), {});
  const auto server = there->serve(test::service(own("/order")), {});
  const bus::RequestId first = request(*client, "first");
  const bus::RequestId second = request(*client, "second");
  EXPECT_EQ(second.sequence, first.sequence + 1);
  const auto asked_first = take_one(*server);
  const auto asked_second = take_one(*server);
  ASSERT_TRUE(asked_first && asked_second);
  EXPECT_FALSE(asked_first->id == asked_second->id);
  reply(*server, asked_second->id, "to second");
  reply(*server, asked_first->id, "to first");
  const auto one = take_one(*client);
  const auto two = take_one(*client);
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->id, second);
  EXPECT_EQ(one->text, "to second");
  EXPECT_EQ(two->id, first);
  EXPECT_EQ(two->text, "to first");
}

TEST_F(DdsService, WithoutAServerARequestIsRefusedAndOnWritableTellsWhenItIsWorthwhile) {
  std::atomic<int> writable{0};
  std::atomic<int> matched{0};
  bus::EndpointEvents events;
  events.on_writable = [&] { ++writable; };
  events.on_matched = [&](const bus::Matched& now) { matched = static_cast<int>(now.current); };
  const auto client = here->client(test::service(own("/none")), std::move(events));
  const auto sent = client->request(test::text("anybody?"));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error(), bus::SendError::kWouldBlock);
  EXPECT_EQ(client->matched().current, 0U);
  auto server = there->serve(test::service(own("/none")), {});
  ASSERT_TRUE(eventually([&] { return writable == 1 && matched == 1; }));
  EXPECT_TRUE(client->request(test::text("you?")));
  server.reset();
  ASSERT_TRUE(eventually([&] { return matched == 0; }));
  EXPECT_EQ(client->matched().current, 0U);
  EXPECT_EQ(client->matched().total, 1U);
  EXPECT_EQ(client->request(test::text("gone?")).error(), bus::SendError::kWouldBlock);
  EXPECT_EQ(writable, 1);
}

TEST_F(DdsService, AServerIsToldWhenItsClientHasGone) {
  auto asking = test::open();
  auto client = asking->client(test::service(own("/gone")), {});
  const auto server = there->serve(test::service(own("/gone")), {});
  (void)request(*client, "wait for me");
  const auto asked = take_one(*server);
  ASSERT_TRUE(asked);
  client.reset();
  ASSERT_TRUE(eventually([&] { return server->matched().current == 0; }));
  const auto sent = server->reply(asked->id, test::text("too late"));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error(), bus::SendError::kNoPeer);
}

TEST_F(DdsService, TwoServersAreTwoMatchesAndBothAnswer) {
  const auto client = here->client(test::service(own("/two")), {});
  const auto one = there->serve(test::service(own("/two")), {});
  const auto third = test::open();
  const auto two = third->serve(test::service(own("/two")), {});
  ASSERT_TRUE(eventually([&] { return client->matched().current == 2; }));
  const bus::RequestId id = request(*client, "who?");
  for (const auto& [server, text] : {std::pair(one.get(), "one"), std::pair(two.get(), "two")}) {
    const auto asked = take_one(*server);
    ASSERT_TRUE(asked);
    reply(*server, asked->id, text);
  }
  std::set<std::string> answers;
  for (int i = 0; i < 2; ++i) {
    const auto answer = take_one(*client);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->id, id);
    answers.insert(answer->text);
  }
  EXPECT_EQ(answers, (std::set<std::string>{"one", "two"}));
}

TEST_F(DdsService, OnDataRingsForRequestsAndReplies) {
  std::atomic<int> requests{0};
  std::atomic<int> replies{0};
  const auto client = here->client(test::service(own("/ring")), test::on_data([&] { ++replies; }));
  const auto server = there->serve(test::service(own("/ring")), test::on_data([&] { ++requests; }));
  (void)request(*client, "ding");
  ASSERT_TRUE(eventually([&] { return requests == 1; }));
  const auto asked = take_one(*server);
  ASSERT_TRUE(asked);
  reply(*server, asked->id, "dong");
  ASSERT_TRUE(eventually([&] { return replies == 1; }));
}

TEST_F(DdsService, AServerThatKeepsAllAndIsNotReadHoldsUpNobodyElse) {
  DdsOptions options = test::options();
  options.keep_all_samples = 1;
  options.keep_all_patience_ms = 60'000;
  const auto slow = open_dds(options);
  auto all = test::service(own("/pile"));
  all.qos.depth = 0;
  const auto server = slow->serve(all, {});
  const auto client = here->client(all, {});
  const auto publisher = here->advertise(test::topic(own("/beside")), {});
  const auto subscription = slow->subscribe(test::topic(own("/beside")), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1 && subscription->matched().current == 1; }));
  for (int i = 0; i < 100; ++i) {
    (void)request(*client, "and one more");
  }
  ASSERT_TRUE(publisher->publish(test::text("through")));
  EXPECT_TRUE(eventually([&] { return test::take_texts(*subscription) == std::vector<std::string>{"through"}; }));
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(take_one(*server)) << i;
  }
}

TEST_F(DdsService, MessagesWithoutAHeaderAreRefused) {
  const auto client = here->client(test::service(own("/short")), {});
  const auto server = there->serve(test::service(own("/short")), {});
  EXPECT_THROW([[maybe_unused]] const auto sent = client->request({}), LogicError);
  EXPECT_THROW([[maybe_unused]] const auto sent = server->reply({}, {}), LogicError);
  EXPECT_EQ(server->reply({}, test::text("to nobody")).error(), bus::SendError::kNoPeer);
}

}  // namespace
}  // namespace takt::dds
