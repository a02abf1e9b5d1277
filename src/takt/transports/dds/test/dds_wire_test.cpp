#include <algorithm>
#include <array>
#include <atomic>
#include <optional>

#include <gtest/gtest.h>

#include "takt/transports/dds/internal/configuration.hpp"
#include "takt/transports/dds/internal/participant_info.hpp"
#include "takt/transports/dds/internal/qos.hpp"
#include "takt/transports/dds/internal/raw_endpoints.hpp"
#include "takt/transports/dds/test/dds_test.hpp"

// What others see on the wire: a participant that knows nothing of takt looks at bytes, names and USER_DATA.
namespace takt::dds {
namespace {

using test::eventually;
using test::own;
using Bytes = std::vector<std::byte>;

Bytes bytes(std::string_view hex) {
  Bytes result;
  for (std::size_t i = 0; i + 1 < hex.size(); i += hex[i] == ' ' ? 1 : 2) {
    if (hex[i] != ' ') {
      result.push_back(static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    }
  }
  return result;
}

/// A participant as any other program's.
class Stranger {
 public:
  [[nodiscard]] dds_entity_t get() const { return participant_.get(); }

 private:
  static dds_domainid_t number() {
    static std::atomic<dds_domainid_t> next{2'000'000};
    return next++;
  }
  dds_domainid_t number_{number()};
  Entity domain_{dds_create_domain(number_, cyclone_configuration(test::options()).c_str()), "domain"};
  Entity participant_{dds_create_participant(number_, nullptr, nullptr), "participant"};
};

Bytes take(RawReader& reader) {
  Bytes taken;
  EXPECT_TRUE(eventually([&] {
    return reader.take([&](const Sample& sample, const dds_sample_info_t&) {
      taken.assign(sample.bytes().begin(), sample.bytes().end());
      return true;
    });
  }));
  return taken;
}

std::string user_data_of(const RawReader& reader) {
  dds_instance_handle_t handle = 0;
  EXPECT_TRUE(eventually([&] { return dds_get_matched_publications(reader.entity(), &handle, 1) == 1; }));
  dds_builtintopic_endpoint_t* const found = dds_get_matched_publication_data(reader.entity(), handle);
  const std::string data = found == nullptr ? "gone" : announced_user_data(found->qos);
  if (found != nullptr) {
    dds_builtintopic_free_endpoint(found);
  }
  return data;
}

class DdsWire : public testing::Test {
 protected:
  Stranger stranger;
  const std::shared_ptr<bus::Transport> transport = test::open();
};

TEST_F(DdsWire, AMessageIsItsCdrPaddedToFourBytes) {
  RawReader reader(stranger.get(), "rt" + own("/golden"), "std_msgs::msg::dds_::String_", reader_qos({}, "", 1).get(),
                   {});
  const auto publisher = transport->advertise(test::topic(own("/golden")), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1 && reader.matched().current == 1; }));
  ASSERT_TRUE(publisher->publish(test::text("hi")));
  EXPECT_EQ(take(reader), bytes("00010000 03000000 686900 00"));
  EXPECT_EQ(user_data_of(reader), "typehash=RIHS01_dfdfdfdfdfdfdfdfdfdfdfdfdfdfdfdfdfdfdfdfdfdfdfdfdfdfdfdfdfdfdfdf;");
}

TEST_F(DdsWire, BytesOfEitherOrderAndWithPaddingCountAreHandedOverAsTheyCame) {
  RawWriter writer(stranger.get(), "rt" + own("/foreign"), "std_msgs::msg::dds_::String_", writer_qos({}, "").get(),
                   {});
  const auto subscription = transport->subscribe(test::topic(own("/foreign")), {});
  ASSERT_TRUE(eventually([&] { return writer.matched().current == 1 && subscription->matched().current == 1; }));
  ASSERT_TRUE(writer.write(bytes("00000000 00000003 686900 00")));
  ASSERT_TRUE(writer.write(bytes("00010001 03000000 686f00 00")));
  std::vector<std::string> taken;
  ASSERT_TRUE(eventually([&] {
    const auto more = test::take_texts(*subscription);
    taken.insert(taken.end(), more.begin(), more.end());
    return taken.size() == 2;
  }));
  EXPECT_EQ(taken, (std::vector<std::string>{"hi", "ho"}));
}

TEST_F(DdsWire, ARequestAndItsReplyBeginWithSixteenBytesOfWhoAsked) {
  RawReader requests(stranger.get(), "rq" + own("/set") + "Request", "std_srvs::srv::dds_::SetBool_Request_",
                     reader_qos({}, "serviceid=me;", 1).get(), {});
  RawWriter replies(stranger.get(), "rr" + own("/set") + "Reply", "std_srvs::srv::dds_::SetBool_Response_",
                    writer_qos({}, "serviceid=me;").get(), {});
  const auto client = transport->client(test::service(own("/set")), {});
  std::optional<bus::RequestId> id;
  ASSERT_TRUE(eventually([&] {
    const auto sent = client->request(bytes("00010000 01"));
    id = sent ? std::optional(*sent) : std::nullopt;
    return id.has_value();
  }));
  const Bytes request = take(requests);
  ASSERT_EQ(request.size(), 24U);
  EXPECT_EQ(Bytes(request.begin(), request.begin() + 4), bytes("00010000"));
  EXPECT_EQ(Bytes(request.begin() + 12, request.end()), bytes("0100000000000000 01 000000"));
  EXPECT_TRUE(user_data_of(requests).starts_with("clientid= 1.10."));
  Bytes reply(request.begin(), request.begin() + 20);
  const Bytes body = bytes("01 000000 03000000 6f6b00 00");
  reply.insert(reply.end(), body.begin(), body.end());
  ASSERT_TRUE(eventually([&] { return replies.matched().current == 1; }));
  Bytes other = reply;
  other[4] ^= std::byte{0xff};  // to another client
  ASSERT_TRUE(replies.write(other));
  ASSERT_TRUE(replies.write(bytes("00010000 01")));  // to nobody: too short for a header
  ASSERT_TRUE(replies.write(reply));
  std::optional<bus::RequestId> answered;
  ASSERT_TRUE(eventually([&] {
    return client->take([&](const bus::RequestId& to, bus::Bytes message, const bus::MessageInfo&) {
      answered = to;
      EXPECT_EQ(Bytes(message.begin(), message.end()), bytes("00010000 01 000000 03000000 6f6b00 00"));
    });
  }));
  EXPECT_EQ(answered, id);
}

TEST_F(DdsWire, AServerEchoesWhoAskedAndHoldsTheReplyBackUntilItCanArrive) {
  std::atomic<int> writable{0};
  bus::EndpointEvents events;
  events.on_writable = [&] { ++writable; };
  const auto server = transport->serve(test::service(own("/echo")), std::move(events));
  RawWriter requests(stranger.get(), "rq" + own("/echo") + "Request", "std_srvs::srv::dds_::SetBool_Request_",
                     writer_qos({}, "clientid=c;").get(), {});
  ASSERT_TRUE(eventually([&] { return requests.matched().current == 1; }));
  std::optional<bus::RequestId> id;
  ASSERT_TRUE(eventually([&] {  // until the server knows the writer, what it writes is lost
    EXPECT_TRUE(requests.write(bytes("00010000 1122334455667788 0900000000000000 01 000000")));
    return server->take([&](const bus::RequestId& from, bus::Bytes message, const bus::MessageInfo&) {
      id = from;
      EXPECT_EQ(Bytes(message.begin(), message.end()), bytes("00010000 01 000000"));
    });
  }));
  EXPECT_EQ(id->sequence, 9);
  const Bytes answer = bytes("00010000 01 000000 01000000 00");
  EXPECT_EQ(server->reply(*id, answer).error(), bus::SendError::kWouldBlock);
  RawReader replies(stranger.get(), "rr" + own("/echo") + "Reply", "std_srvs::srv::dds_::SetBool_Response_",
                    reader_qos({}, "clientid=c;", 1).get(), {});
  ASSERT_TRUE(eventually([&] { return writable == 1 && replies.matched().current == 1; }));
  ASSERT_TRUE(eventually([&] { return server->reply(*id, answer).has_value(); }));
  EXPECT_EQ(take(replies), bytes("00010000 1122334455667788 0900000000000000 01 000000 01000000 00 000000"));
  EXPECT_TRUE(user_data_of(replies).starts_with("serviceid= 1.10."));
}

TEST_F(DdsWire, RequestsAndRepliesWithoutAWholeHeaderAreNamedAndDropped) {
  const auto server = transport->serve(test::service(own("/cut")), {});
  const auto client = transport->client(test::service(own("/cut")), {});
  RawWriter requests(stranger.get(), "rq" + own("/cut") + "Request", "std_srvs::srv::dds_::SetBool_Request_",
                     writer_qos({}, "clientid=c;").get(), {});
  const RawReader hears(stranger.get(), "rq" + own("/cut") + "Request", "std_srvs::srv::dds_::SetBool_Request_",
                        reader_qos({}, "serviceid=s;", 1).get(), {});
  RawWriter replies(stranger.get(), "rr" + own("/cut") + "Reply", "std_srvs::srv::dds_::SetBool_Response_",
                    writer_qos({}, "serviceid=s;").get(), {});
  const RawReader listens(stranger.get(), "rr" + own("/cut") + "Reply", "std_srvs::srv::dds_::SetBool_Response_",
                          reader_qos({}, "clientid=c;", 1).get(), {});
  ASSERT_TRUE(eventually([&] { return server->matched().current == 1 && client->matched().current == 1; }));
  testing::internal::CaptureStderr();
  std::string said;
  const auto is_named = [&](RawWriter& writer, auto& endpoint, const std::string& what) {
    EXPECT_TRUE(eventually([&] {  // until both know each other, what is written is lost
      EXPECT_TRUE(writer.write(bytes("00010000 1122334455667788 09000000")));
      EXPECT_FALSE(endpoint.take([](const bus::RequestId&, bus::Bytes, const bus::MessageInfo&) {}));
      said += testing::internal::GetCapturedStderr();
      testing::internal::CaptureStderr();
      return said.find(what) != std::string::npos;
    })) << said;
  };
  is_named(requests, *server, "a request to '" + own("/cut") + "' has no header; dropped");
  is_named(replies, *client, "a reply of '" + own("/cut") + "' has no header; dropped");
  static_cast<void>(testing::internal::GetCapturedStderr());
}

TEST_F(DdsWire, ARequestOfAWriterThatHasGoneIsDropped) {
  std::atomic<int> rings{0};
  const auto server = transport->serve(test::service(own("/late")), test::on_data([&] { ++rings; }));
  std::optional<RawWriter> requests(std::in_place, stranger.get(), "rq" + own("/late") + "Request",
                                    "std_srvs::srv::dds_::SetBool_Request_", writer_qos({}, "clientid=c;").get(),
                                    RawEvents{});
  const RawReader replies(stranger.get(), "rr" + own("/late") + "Reply", "std_srvs::srv::dds_::SetBool_Response_",
                          reader_qos({}, "clientid=c;", 1).get(), {});
  ASSERT_TRUE(eventually([&] { return requests->matched().current == 1 && server->matched().current == 1; }));
  ASSERT_TRUE(requests->write(bytes("00010000 1122334455667788 0900000000000000 01 000000")));
  ASSERT_TRUE(eventually([&] { return rings == 1; }));
  requests.reset();
  ASSERT_TRUE(eventually([&] { return server->matched().current == 0; }));
  EXPECT_FALSE(server->take([](const bus::RequestId&, bus::Bytes, const bus::MessageInfo&) {}));
}

TEST_F(DdsWire, NodesAreToldAsRmwDdsCommonTellsThem) {
  bus::Qos latched = bus::Qos::latched();
  latched.depth = 0;
  RawReader reader(stranger.get(), std::string(kDiscoveryInfoTopic), std::string(kDiscoveryInfoType),
                   reader_qos(latched, "", 1000).get(), {});
  transport->add_node({.name = "/" + own("t")});
  const std::string name = own("t");
  const auto publisher = transport->advertise(test::topic(own("/told"), {}, "/" + name), {});
  std::array<std::uint8_t, 16> writer{};
  ASSERT_TRUE(eventually([&] {
    for (const auto& endpoint : transport->graph().endpoints) {
      writer = endpoint.name == own("/told") ? endpoint.id : writer;
    }
    return writer != std::array<std::uint8_t, 16>{};
  }));
  // The participant is the writer's, with the entity of participants.
  std::array<std::uint8_t, 16> participant = writer;
  std::ranges::copy(std::array<std::uint8_t, 4>{0, 0, 1, 0xc1}, participant.begin() + 12);
  const auto append = [](Bytes& to, const auto& what) {
    std::ranges::transform(what, std::back_inserter(to), [](auto b) { return static_cast<std::byte>(b); });
  };
  Bytes expected = bytes("00010000");
  append(expected, participant);
  append(expected, bytes("01000000 02000000 2f00 0000"));
  append(expected, std::array<std::uint8_t, 4>{static_cast<std::uint8_t>(name.size() + 1), 0, 0, 0});
  append(expected, name);
  append(expected, Bytes(4 - name.size() % 4));  // the closing zero, and up to the next count
  append(expected, bytes("00000000 01000000"));
  append(expected, writer);
  ASSERT_TRUE(eventually([&] { return take(reader) == expected; }));
}

TEST_F(DdsWire, DamagedMessagesOfDiscoveryHurtNobody) {
  RawWriter writer(stranger.get(), std::string(kDiscoveryInfoTopic), std::string(kDiscoveryInfoType),
                   writer_qos(bus::Qos::latched(), "").get(), {});
  RawReader truth(stranger.get(), std::string(kDiscoveryInfoTopic), std::string(kDiscoveryInfoType),
                  reader_qos(bus::Qos::latched(), "", 1).get(), {});
  ASSERT_TRUE(eventually([&] { return writer.matched().current == 1; }));
  ASSERT_TRUE(writer.write(bytes("00010000 ffffffff")));
  ASSERT_TRUE(writer.write(bytes("00010000 00000000000000000000000000000000 ffffffff 00")));
  transport->add_node({.name = "/" + own("alive")});
  EXPECT_FALSE(take(truth).empty());
  ASSERT_TRUE(eventually([&] {
    return std::ranges::any_of(transport->graph().nodes,
                               [](const auto& node) { return node.name == "/" + own("alive"); });
  }));
}

TEST_F(DdsWire, AParticipantSpeaksForItsOwnEntitiesOnly) {
  const auto publisher = transport->advertise(test::topic(own("/mine"), {}, "/" + own("owner")), {});
  const auto third = test::open();
  const auto shown = [&](auto in, const std::string& name) {
    const bus::Graph graph = third->graph();
    return std::ranges::any_of(graph.*in, [&](const auto& one) { return one.name == name; });
  };
  ASSERT_TRUE(eventually([&] { return shown(&bus::Graph::nodes, "/" + own("owner")); }));
  Guid owner{};
  for (const auto& endpoint : third->graph().endpoints) {
    owner = endpoint.name == own("/mine") ? endpoint.id : owner;
  }
  RawWriter writer(stranger.get(), std::string(kDiscoveryInfoTopic), std::string(kDiscoveryInfoType),
                   writer_qos({.reliability = bus::Reliability::kReliable,
                               .durability = bus::Durability::kTransientLocal,
                               .depth = 10,
                               .deadline_ns = {},
                               .lifespan_ns = {}},
                              "")
                       .get(),
                   {});
  Guid its = owner;  // the participant's own
  std::ranges::copy(std::array<std::uint8_t, 4>{0, 0, 1, 0xc1}, its.begin() + 12);
  const auto tell = [&](const Guid& participant, std::string_view node) {
    const ParticipantEntitiesInfo info{
        .gid = {participant},
        .node_entities_info_seq = {
            {.node_namespace = "/", .node_name = node, .reader_gid_seq = {}, .writer_gid_seq = {{owner}}}}};
    ASSERT_TRUE(writer.write(messages::to_cdr(info)));
  };
  tell(its, own("forged"));
  tell(guid_of(stranger.get()), own("thief"));
  ASSERT_TRUE(eventually([&] { return shown(&bus::Graph::nodes, "/" + own("thief")); }));
  EXPECT_FALSE(shown(&bus::Graph::nodes, "/" + own("forged")));
  for (const auto& endpoint : third->graph().endpoints) {
    if (endpoint.name == own("/mine")) {
      EXPECT_EQ(endpoint.node, "/" + own("owner"));
    }
  }
}

}  // namespace
}  // namespace takt::dds
