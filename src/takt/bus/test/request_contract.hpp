#pragma once

#include <array>
#include <map>

#include "takt/bus/test/transport_rig.hpp"

/// Part of the contract suite: requests and replies.
namespace takt::bus::test {

/// The oldest request or reply, when it has come.
struct TakenRequest {
  RequestId id;
  std::string text;
};

template <class Endpoint>
[[nodiscard]] TakenRequest take_one(Endpoint& endpoint) {
  TakenRequest taken;
  EXPECT_TRUE(eventually([&] {
    return endpoint.take(
        [&](const RequestId& id, Bytes bytes, const MessageInfo&) { taken = {.id = id, .text = text_of(bytes)}; });
  }));
  return taken;
}

template <class Client>
[[nodiscard]] RequestId ask(Client& client, const std::string& text) {
  const auto id = send_when_ready([&] { return client.request(bytes_of(text)); });
  EXPECT_TRUE(id);
  return id ? *id : RequestId{};
}

template <class Server>
[[nodiscard]] Expected<void, SendError> answer(Server& server, const RequestId& id, const std::string& text) {
  return send_when_ready([&] { return server.reply(id, bytes_of(text)); });
}

TEST_P(TransportContract, ARequestIsAnswered) {
  TAKT_REQUIRE_CAPABILITY(kRequestReply);
  Events of_client;
  Events of_server;
  const auto server = at(0).serve(service(), of_server.record());
  const auto client = at(1).client(service(), of_client.record());
  await_match(*client, *server);
  const RequestId id = ask(*client, "how are you?");
  EXPECT_TRUE(eventually([&] { return of_server.data() == 1; }));  // who takes meanwhile may not be told
  const TakenRequest asked = take_one(*server);
  EXPECT_EQ(asked.text, "how are you?");
  ASSERT_TRUE(answer(*server, asked.id, "well"));
  EXPECT_TRUE(eventually([&] { return of_client.data() == 1; }));
  const TakenRequest answered = take_one(*client);
  EXPECT_EQ(answered.text, "well");
  EXPECT_EQ(answered.id, id);
}

TEST_P(TransportContract, EitherSideServes) {
  TAKT_REQUIRE_CAPABILITY(kRequestReply);
  const auto server = at(1).serve(service(), {});
  const auto client = at(0).client(service(), {});
  await_match(*client, *server);
  const RequestId id = ask(*client, "the other way");
  ASSERT_TRUE(answer(*server, take_one(*server).id, "round"));
  const TakenRequest answered = take_one(*client);
  EXPECT_EQ(answered.text, "round");
  EXPECT_EQ(answered.id, id);
}

TEST_P(TransportContract, RepliesOfSeveralClientsFindTheirOwn) {
  TAKT_REQUIRE_CAPABILITY(kRequestReply);
  const auto server = at(0).serve(service(), {});
  std::vector<std::unique_ptr<TransportClient>> clients;
  for (const std::size_t index : {1U, 1U, 2U}) {
    clients.push_back(at(index).client(service(), {}));
    await_match(*clients.back(), *server);
  }
  std::vector<std::map<std::int64_t, std::string>> expected(clients.size());
  for (int round = 0; round < 5; ++round) {
    for (std::size_t i = 0; i < clients.size(); ++i) {
      const std::string text = std::to_string(i) + "/" + std::to_string(round);
      expected[i][ask(*clients[i], text).sequence] = "re " + text;
    }
  }
  std::vector<TakenRequest> asked;
  while (asked.size() < 15) {
    asked.push_back(take_one(*server));
  }
  for (auto one = asked.rbegin(); one != asked.rend(); ++one) {  // the last first
    ASSERT_TRUE(answer(*server, one->id, "re " + one->text));
  }
  for (std::size_t i = 0; i < clients.size(); ++i) {
    std::map<std::int64_t, std::string> answered;
    while (answered.size() < 5) {
      const TakenRequest one = take_one(*clients[i]);
      answered[one.id.sequence] = one.text;
    }
    EXPECT_EQ(answered, expected[i]);
  }
}

TEST_P(TransportContract, AReplyMayComeLaterFromAnotherThread) {
  TAKT_REQUIRE_CAPABILITY(kRequestReply);
  const auto server = at(0).serve(service(), {});
  const auto client = at(1).client(service(), {});
  await_match(*client, *server);
  const RequestId slow_id = ask(*client, "slow");
  const RequestId fast_id = ask(*client, "fast");
  const TakenRequest slow = take_one(*server);
  const TakenRequest fast = take_one(*server);
  ASSERT_TRUE(answer(*server, fast.id, "at once"));
  std::thread later([&] { EXPECT_TRUE(answer(*server, slow.id, "at last")); });
  later.join();
  const TakenRequest first = take_one(*client);
  const TakenRequest second = take_one(*client);
  EXPECT_EQ(first.text, "at once");
  EXPECT_EQ(first.id, fast_id);
  EXPECT_EQ(second.text, "at last");
  EXPECT_EQ(second.id, slow_id);
}

TEST_P(TransportContract, AClientWithoutAServerIsToldSoAndToldWhenThereIsOne) {
  TAKT_REQUIRE_CAPABILITY(kRequestReply);
  Events events;
  const auto client = at(1).client(service(), events.record());
  const auto early = client->request(bytes_of("anybody?"));
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error(), SendError::kWouldBlock);
  const auto server = at(0).serve(service(), {});
  ASSERT_TRUE(eventually([&] { return events.last_matched().current == 1; }));
  static_cast<void>(ask(*client, "you?"));
  EXPECT_EQ(take_one(*server).text, "you?");
}

TEST_P(TransportContract, AClientLearnsThatItsServerHasGone) {
  TAKT_REQUIRE_CAPABILITY(kRequestReply);
  Events events;
  auto server = at(0).serve(service(), {});
  const auto client = at(1).client(service(), events.record());
  ASSERT_TRUE(eventually([&] { return events.last_matched().current == 1; }));
  static_cast<void>(ask(*client, "never answered"));
  server.reset();
  ASSERT_TRUE(eventually([&] { return events.last_matched().current == 0; }));
  EXPECT_EQ(client->matched().current, 0);
  const auto again = client->request(bytes_of("gone"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(), SendError::kWouldBlock);
}

TEST_P(TransportContract, AClientLearnsThatTheServerItAskedHasGoneWhileAnotherOfTheNameLives) {
  TAKT_REQUIRE_CAPABILITY(kRequestReply);
  Events events;
  auto asked = at(0).serve(service(), {});
  const auto client = at(1).client(service(), events.record());
  await_match(*client, *asked);
  EXPECT_EQ(client->lost_before(), 1);
  const RequestId first = ask(*client, "never answered");
  EXPECT_EQ(take_one(*asked).text, "never answered");  // so that it is not under way when another server comes
  EXPECT_LE(client->lost_before(), first.sequence);
  const auto other = at(0).serve(service(), {});
  ASSERT_TRUE(eventually([&] { return client->matched().current == 2; }));
  EXPECT_LE(client->lost_before(), first.sequence);
  asked.reset();
  ASSERT_TRUE(eventually([&] { return events.last_matched().current == 1 && events.last_matched().total == 2; }));
  EXPECT_GT(client->lost_before(), first.sequence);

  const RequestId second = ask(*client, "and you?");
  EXPECT_LE(client->lost_before(), second.sequence);
  ASSERT_TRUE(answer(*other, take_one(*other).id, "here"));
  const TakenRequest answered = take_one(*client);
  EXPECT_EQ(answered.id, second);
  EXPECT_EQ(answered.text, "here");
}

TEST_P(TransportContract, ReplyingToAClientThatHasGoneHurtsNobody) {
  TAKT_REQUIRE_CAPABILITY(kRequestReply);
  const auto server = at(0).serve(service(), {});
  auto client = at(1).client(service(), {});
  await_match(*client, *server);
  static_cast<void>(ask(*client, "and off"));
  const TakenRequest asked = take_one(*server);
  client.reset();
  ASSERT_TRUE(eventually([&] { return server->matched().current == 0; }));
  const auto sent = server->reply(asked.id, bytes_of("too late"));
  EXPECT_TRUE(sent || sent.error() == SendError::kNoPeer);

  const auto next = at(1).client(service(), {});
  await_match(*next, *server);
  static_cast<void>(ask(*next, "still there?"));
  ASSERT_TRUE(answer(*server, take_one(*server).id, "yes"));
  EXPECT_EQ(take_one(*next).text, "yes");
}

TEST_P(TransportContract, AReplyToNobodyIsRefused) {
  TAKT_REQUIRE_CAPABILITY(kRequestReply);
  const auto server = at(0).serve(service(), {});
  const auto client = at(1).client(service(), {});
  await_match(*client, *server);
  const auto sent = server->reply({.client = {1, 2, 3}, .sequence = 7}, bytes_of("anybody?"));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error(), SendError::kNoPeer);
  EXPECT_FALSE(client->take([](const RequestId&, Bytes, const MessageInfo&) {}));
}

TEST_P(TransportContract, OfTwoServersOfANameOneAnswersAndTheOtherWhenItHasGone) {
  TAKT_REQUIRE_CAPABILITY(kRequestReply);
  std::array<std::unique_ptr<TransportServer>, 2> servers{at(1).serve(service(), {}), at(2).serve(service(), {})};
  const auto client = at(0).client(service(), {});
  for (const auto& server : servers) {
    await_match(*client, *server, 2);
  }
  // Whoever is asked answers; some transports ask both.
  const auto is_answered = [&](const RequestId& asked) {
    bool came = false;
    const auto visit = [&](const RequestId& id, Bytes bytes, const MessageInfo&) {
      came = came || (id == asked && text_of(bytes) == "here");
    };
    return eventually([&] {
      for (const auto& server : servers) {
        std::vector<RequestId> ids;
        while (server && server->take([&](const RequestId& id, Bytes, const MessageInfo&) { ids.push_back(id); })) {
        }
        for (const RequestId& id : ids) {
          EXPECT_TRUE(answer(*server, id, "here"));
        }
      }
      while (client->take(visit)) {
      }
      return came;
    });
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(is_answered(ask(*client, "who?"))) << i;
  }
  servers[0].reset();
  ASSERT_TRUE(eventually([&] { return client->matched().current == 1; }));
  EXPECT_TRUE(is_answered(ask(*client, "and you?")));
  servers[1].reset();
  ASSERT_TRUE(eventually([&] { return client->matched().current == 0; }));
}

TEST_P(TransportContract, AServerOfAnotherTypeIsNoServer) {
  TAKT_REQUIRE_CAPABILITY(kRequestReply);
  Events of_server;
  Events of_client;
  at(0).add_node({.name = "/here/serves"});
  at(1).add_node({.name = "/there/asks"});
  auto served = service();
  served.request.name = "std_srvs/srv/SetBool_Request";
  served.reply.name = "std_srvs/srv/SetBool_Response";
  served.node = "/here/serves";
  auto asked = service();
  asked.node = "/there/asks";
  const auto server = at(0).serve(served, of_server.record());
  const auto client = at(1).client(asked, of_client.record());
  for (const Events* events : {&of_server, &of_client}) {
    ASSERT_TRUE(eventually([&] { return !events->incompatible().empty(); }));
    const std::string reason = events->incompatible().front();
    for (const char* named : {"/contract/service", "/here/serves", "/there/asks", "SetBool", "Trigger"}) {
      EXPECT_NE(reason.find(named), std::string::npos) << reason;
    }
  }
  EXPECT_EQ(client->matched().current, 0);
}

TEST_P(TransportContract, RefusesRequestsWhereItHasNone) {
  if (can(Capability::kRequestReply)) {
    GTEST_SKIP() << "it has them";
  }
  EXPECT_THROW(static_cast<void>(at(0).client(service(), {})), LogicError);
  EXPECT_THROW(static_cast<void>(at(0).serve(service(), {})), LogicError);
}

TEST_P(TransportContract, TheGraphShowsServicesByTheirOwnType) {
  TAKT_REQUIRE_CAPABILITY(kGraph);
  TAKT_REQUIRE_CAPABILITY(kRequestReply);
  const auto server = at(0).serve(service(), {});
  ASSERT_TRUE(eventually([&] {
    for (const EndpointInfo& one : at(1).graph().endpoints) {
      if (one.kind == EndpointInfo::Kind::kServer && one.name == "/contract/service") {
        return one.type.name == "std_srvs/srv/Trigger";
      }
    }
    return false;
  }));
}

}  // namespace takt::bus::test
