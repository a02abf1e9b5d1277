// What strangers do to who binds without a key: they send nonsense, and too much. Of greetings: zmq_greetings_test.cpp.
#include <algorithm>
#include <cstring>
#include <map>

#include <zmq.hpp>

#include "takt/transports/zmq/test/strangers_rig.hpp"

namespace takt::bus::test {
namespace {

/// Of the only one.
std::array<std::uint8_t, 16> id_of_subscription(const Transport& transport) {
  const Graph graph = transport.graph();
  const auto found = std::ranges::find(graph.endpoints, EndpointInfo::Kind::kSubscription, &EndpointInfo::kind);
  return found == graph.endpoints.end() ? std::array<std::uint8_t, 16>{} : found->id;
}

TEST(ZmqStrangersTest, NonsenseIsCountedAndDroppedAndTheRestArrives) {
  const Binder binder = bind_tcp();
  const auto subscription = binder.transport->subscribe(topic(), {});
  ::zmq::context_t context;
  ::zmq::socket_t nameless(context, ::zmq::socket_type::dealer);
  ::zmq::socket_t stranger(context, ::zmq::socket_type::dealer);
  stranger.set(::zmq::sockopt::routing_id, "12345678");
  for (::zmq::socket_t* const socket : {&nameless, &stranger}) {
    socket->set(::zmq::sockopt::linger, 0);
    socket->connect(binder.options.address);
  }
  const auto say = [](::zmq::socket_t& socket, const std::vector<std::string>& frames) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
      socket.send(::zmq::buffer(frames[i]),
                  i + 1 < frames.size() ? ::zmq::send_flags::sndmore : ::zmq::send_flags::none);
    }
  };
  const auto header = [](Header::Kind kind, std::uint32_t session) {
    Header made;
    made.kind = kind;
    made.session = session;
    std::memcpy(&made.from, "12345678", sizeof(made.from));
    const auto bytes = zmq::internal::write_header(made);
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  const auto welcome_read = [](::zmq::socket_t& socket) {
    ::zmq::message_t welcome;
    EXPECT_TRUE(socket.recv(welcome));
    std::string bytes = welcome.to_string();
    bytes[4] = static_cast<char>(Header::Kind::kReceipt);
    return bytes;
  };
  std::string in_the_name_of_another = header(Header::Kind::kHello, 1);
  in_the_name_of_another[9] = '0';
  say(nameless, {header(Header::Kind::kHello, 1), ""});
  say(stranger, {"no header"});
  say(stranger, {"no header", "x"});
  say(stranger, {"TKZ\x04", "x"});
  say(stranger, {"a", "b", "c"});
  say(stranger, {header(Header::Kind::kHello, 1), "", "more"});
  say(stranger, {header(Header::Kind::kHello, 1), "", "more", "and", "more"});
  say(stranger, {in_the_name_of_another, ""});
  say(stranger, {header(Header::Kind::kHello, 1), ""});
  say(stranger, {header(Header::Kind::kAnnounce, 1), "before it has read its welcome"});
  say(stranger, {welcome_read(stranger), ""});
  say(stranger, {header(Header::Kind::kAnnounce, 1), "nonsense"});
  say(stranger, {header(Header::Kind::kWelcome, 1), ""});
  say(stranger, {header(Header::Kind::kAgain, 1), ""});
  ASSERT_TRUE(eventually([&] { return binder.transport->statistics().malformed == 12; }))
      << binder.transport->statistics().malformed;
  say(stranger, {header(Header::Kind::kData, 2), "of no session"});
  say(stranger, {header(Header::Kind::kData, 1), "to nobody"});
  say(stranger, {header(Header::Kind::kGrant, 1), ""});
  say(stranger, {header(Header::Kind::kWithdraw, 1), ""});

  const auto desk = zmq::open_zmq(connector(binder));
  const auto publisher = desk->advertise(topic(), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1; }));
  ASSERT_TRUE(publisher->publish(bytes_of("sound")));
  EXPECT_EQ(take_count(*subscription, 1), std::vector<std::string>{"sound"});
  EXPECT_EQ(binder.transport->statistics().malformed, 12);
}

TEST(ZmqStrangersTest, WhatIsSentInVainTakesLittleMemory) {
  const Binder binder = bind_ipc();
  const std::size_t before = resident_bytes();
  constexpr std::size_t kBytes = std::size_t{8} << 20U;
  std::size_t most = before;
  Stranger stranger(binder.options.address);
  ASSERT_TRUE(stranger.hello());
  Header header;
  header.kind = Header::Kind::kAnnounce;
  ASSERT_TRUE(stranger.say(header, std::string(kBytes, 'x')));
  ASSERT_TRUE(eventually([&] {
    most = std::max(most, resident_bytes());
    return binder.transport->statistics().malformed == 1;
  }));
  EXPECT_LT(most - before, 10 * kBytes) << (most - before) / kBytes << " times what was sent";
}

TEST(ZmqStrangersTest, MoreThanIsCarriedEndsTheConnection) {
  zmq::ZmqOptions options;
  options.max_message_bytes = 1000;
  const Binder binder = bind_ipc(options);
  Stranger stranger(binder.options.address);
  ASSERT_TRUE(stranger.hello());
  ASSERT_TRUE(eventually([&] { return binder.transport->statistics().peers == 1; }));
  Header header;
  header.kind = Header::Kind::kAnnounce;
  static_cast<void>(stranger.say(header, std::string(std::size_t{1} << 20U, 'x')));
  EXPECT_TRUE(eventually([&] { return binder.transport->statistics().peers == 0; }));
  EXPECT_EQ(binder.transport->statistics().malformed, 0);
}

TEST(ZmqStrangersTest, AMessageThatIsTooLargeIsCountedAndDroppedAndTheRestArrives) {
  zmq::ZmqOptions options;
  options.max_message_bytes = 1000;
  const Binder binder = bind_ipc(options);
  const auto subscription = binder.transport->subscribe(topic(), {});
  Stranger stranger(binder.options.address);
  ASSERT_TRUE(stranger.hello());
  ASSERT_TRUE(stranger.announce(invented(), 7));
  ASSERT_TRUE(eventually([&] { return subscription->matched().current == 1; }));
  Header header;
  header.kind = Header::Kind::kData;
  header.from = 7;
  header.to = zmq::internal::number_of(id_of_subscription(*binder.transport));
  for (const std::size_t size : {2000U, 100U}) {
    ++header.position;
    ++header.sequence;
    const auto bytes = bytes_of(std::string(size, 'x'));
    ASSERT_TRUE(stranger.say(header, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  }
  EXPECT_EQ(take_count(*subscription, 1), std::vector<std::string>{std::string(100, 'x')});
  EXPECT_EQ(binder.transport->statistics().malformed, 1);
}

TEST(ZmqStrangersTest, ABoundedNumberOfAnnouncementsIsRemembered) {
  const Binder binder = bind_ipc();
  Stranger stranger(binder.options.address);
  ASSERT_TRUE(stranger.hello());
  constexpr std::uint64_t kMany = 20'000;
  for (std::uint64_t i = 1; i <= kMany; ++i) {
    ASSERT_TRUE(stranger.announce(invented(), i));
  }
  EXPECT_TRUE(eventually([&] { return binder.transport->statistics().malformed > 0; }));
  EXPECT_LT(binder.transport->graph().endpoints.size(), kMany);
}

TEST(ZmqStrangersTest, WhoFillsWhatIsRememberedOfItLeavesRoomForOthers) {
  const Binder binder = bind_ipc();
  Stranger stranger(binder.options.address);
  ASSERT_TRUE(stranger.hello());
  for (std::uint64_t i = 1; i <= 20'000; ++i) {
    ASSERT_TRUE(stranger.announce(invented(), i));
  }
  ASSERT_TRUE(eventually([&] { return binder.transport->statistics().malformed > 0; }));
  const auto desk = zmq::open_zmq(connector(binder));
  const auto publisher = desk->advertise(topic(), {});
  const auto subscription = binder.transport->subscribe(topic(), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1; }));
  ASSERT_TRUE(publisher->publish(bytes_of("through")));
  EXPECT_EQ(take_count(*subscription, 1), std::vector<std::string>{"through"});
}

TEST(ZmqStrangersTest, OneAddressHasABoundedNumberOfProcesses) {
  const Binder binder = bind_tcp();
  ::zmq::context_t context;
  std::vector<::zmq::socket_t> strangers;
  constexpr std::uint64_t kMany = 300;
  for (std::uint64_t i = 0; i < kMany; ++i) {
    const std::uint64_t process = 0x1111111111111100U + (i << 16U) + 1;
    ::zmq::socket_t& socket = strangers.emplace_back(context, ::zmq::socket_type::dealer);
    socket.set(::zmq::sockopt::routing_id, ::zmq::const_buffer(&process, sizeof(process)));
    socket.set(::zmq::sockopt::linger, 0);
    socket.connect(binder.options.address);
    Header hello;
    hello.kind = Header::Kind::kHello;
    hello.session = 1;
    hello.from = process;
    const auto bytes = zmq::internal::write_header(hello);
    socket.send(::zmq::const_buffer(bytes.data(), bytes.size()), ::zmq::send_flags::sndmore);
    socket.send(::zmq::const_buffer("", 0), ::zmq::send_flags::none);
  }
  EXPECT_TRUE(eventually([&] {
    const zmq::ZmqStatistics now = binder.transport->statistics();
    return now.malformed + now.peers == kMany;
  })) << binder.transport->statistics().peers;
  EXPECT_LE(binder.transport->statistics().peers, 256);
}

TEST(ZmqStrangersTest, AMessageThatWasNotGrantedIsDropped) {
  const Binder binder = bind_ipc();
  const auto subscription = binder.transport->subscribe(topic(), {});
  Stranger stranger(binder.options.address);
  ASSERT_TRUE(stranger.hello());
  ASSERT_TRUE(stranger.announce(invented(), 7));
  ASSERT_TRUE(eventually([&] { return subscription->matched().current == 1; }));
  Header header;
  header.kind = Header::Kind::kData;
  header.from = 7;
  header.to = zmq::internal::number_of(id_of_subscription(*binder.transport));
  for (const std::uint64_t position : {2U, 1U, 1U, 3U, 2U}) {
    header.position = position;
    ++header.sequence;
    const auto bytes = bytes_of(std::to_string(position));
    ASSERT_TRUE(stranger.say(header, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  }
  EXPECT_EQ(take_count(*subscription, 2), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(binder.transport->statistics().malformed, 3);
}

TEST(ZmqStrangersTest, WhoGrantsWithoutReadingIsNotBelieved) {
  const Binder binder = bind_ipc();
  TopicEndpoint all = topic();
  all.qos.depth = 0;
  const auto publisher = binder.transport->advertise(all, {});
  Stranger stranger(binder.options.address);
  ASSERT_TRUE(stranger.hello());
  Announcement reader = invented();
  reader.kind = zmq::internal::Kind::kSubscription;
  reader.qos = all.qos;
  reader.window = UINT32_MAX;
  ASSERT_TRUE(stranger.announce(reader, 7));
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1; }));
  Header grant;
  grant.kind = Header::Kind::kGrant;
  grant.from = 7;
  grant.to = zmq::internal::number_of(binder.transport->graph().endpoints.front().id);
  for (const EndpointInfo& one : binder.transport->graph().endpoints) {
    grant.to = one.kind == EndpointInfo::Kind::kPublisher ? zmq::internal::number_of(one.id) : grant.to;
  }
  grant.sequence = UINT64_MAX;
  Header receipt;
  receipt.kind = Header::Kind::kReceipt;
  const std::vector<std::byte> bytes(std::size_t{1} << 20U);
  constexpr std::uint64_t kTries = 300;
  std::size_t sent = 0;
  for (std::uint64_t i = 1; i <= kTries; ++i) {
    sent += publisher->publish(bytes) ? 1 : 0;
    grant.position = i;
    receipt.position = i;
    ASSERT_TRUE(stranger.say(grant) && stranger.say(receipt));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_TRUE(eventually([&] { return binder.transport->statistics().malformed == kTries; }));
  EXPECT_GE(sent, 64) << "they wait";
  EXPECT_LT(sent, 120);
}

/// What lies there of senders that have gone is room that no other is granted.
TEST(ZmqStrangersTest, WhoAnnouncesAnewHasNoMoreThatLiesThere) {
  zmq::ZmqOptions options;
  options.room = 10;
  options.room_bytes = std::size_t{8} << 20U;
  options.heartbeat_ms = kNoHeartbeat_ms;
  const Binder binder = bind_ipc(options);
  TopicEndpoint all = topic();
  all.qos.depth = 0;
  const auto subscription = binder.transport->subscribe(all, {});
  const ServiceEndpoint service{
      .name = "/service", .request = {.name = "q"}, .reply = {.name = "r"}, .qos = {}, .node = {}};
  const auto server = binder.transport->serve(service, {});
  std::map<EndpointInfo::Kind, std::uint64_t> number_of_kind;
  for (const EndpointInfo& one : binder.transport->graph().endpoints) {
    number_of_kind[one.kind] = zmq::internal::number_of(one.id);
  }
  Stranger stranger(binder.options.address);
  ASSERT_TRUE(stranger.hello());
  const auto say_some = [&](const Announcement& from, EndpointInfo::Kind to, std::size_t granted, std::size_t bytes) {
    for (std::uint64_t number = 1; number <= 40; ++number) {
      ASSERT_TRUE(stranger.announce(from, number));
      ASSERT_TRUE(number > granted || stranger.hear_grant());
      Header header;
      header.kind = Header::Kind::kData;
      header.from = number;
      header.to = number_of_kind.at(to);
      for (; header.position < (bytes == 1 ? 10U : 3U);) {
        header.sequence = ++header.position;
        ASSERT_TRUE(stranger.say(header, std::string(bytes, 'x')));
      }
      header.kind = Header::Kind::kWithdraw;
      ASSERT_TRUE(stranger.say(header));
    }
  };
  Announcement client = invented();
  client.kind = zmq::internal::Kind::kClient;
  client.name = service.name;
  client.type = service.request;
  client.reply = service.reply;
  say_some(client, EndpointInfo::Kind::kServer, 1, 1);
  say_some(invented(), EndpointInfo::Kind::kSubscription, 3, std::size_t{1} << 20U);
  ASSERT_TRUE(eventually([&] { return subscription->matched().total == 40 && subscription->matched().current == 0; }));
  std::size_t requests = 0;
  while (server->take([](const RequestId&, Bytes, const MessageInfo&) {})) {
    ++requests;
  }
  EXPECT_EQ(requests, 10);
  EXPECT_EQ(take_all(*subscription).size(), 9);
}

/// What ZeroMQ reads at once it gives in parts, which hold all of it.
TEST(ZmqStrangersTest, ASmallMessageHoldsNothingOfWhatCameBesideIt) {
  zmq::ZmqOptions options;
  options.heartbeat_ms = kNoHeartbeat_ms;
  const Binder binder = bind_ipc(options);
  TopicEndpoint all = topic();
  all.qos.depth = 0;
  const auto subscription = binder.transport->subscribe(all, {});
  Stranger stranger(binder.options.address);
  ASSERT_TRUE(stranger.hello());
  ASSERT_TRUE(stranger.announce(invented(), 7));
  ASSERT_TRUE(stranger.hear_grant());
  const std::size_t before = resident_bytes();
  constexpr std::size_t kMany = 8000;
  Header header;
  header.kind = Header::Kind::kData;
  header.from = 7;
  header.to = zmq::internal::number_of(id_of_subscription(*binder.transport));
  for (std::size_t i = 0; i < kMany; ++i) {
    header.sequence = ++header.position;
    ASSERT_TRUE(stranger.say(header, std::string(100, 'x')) && stranger.say({}, std::string(8000, 'x')));
  }
  ASSERT_TRUE(stranger.announce(invented(), 8));  // heard after the rest
  ASSERT_TRUE(eventually([&] { return subscription->matched().current == 2; }));
  const std::size_t most = resident_bytes();
  EXPECT_EQ(take_count(*subscription, kMany).size(), kMany);
  expect_at_most_more(most, before, 24, "of 64 MB that came");
}

TEST(ZmqStrangersTest, OfSeveralMessagesTogetherOnlyTheOneThatIsTooLargeIsDropped) {
  zmq::ZmqOptions options;
  options.max_message_bytes = 100;
  const Binder binder = bind_ipc(options);
  const auto subscription = binder.transport->subscribe(topic(), {});
  Stranger stranger(binder.options.address);
  ASSERT_TRUE(stranger.hello());
  ASSERT_TRUE(stranger.announce(invented(), 7));
  ASSERT_TRUE(eventually([&] { return subscription->matched().current == 1; }));
  Header header;
  header.kind = Header::Kind::kParcel;
  header.from = 7;
  header.to = zmq::internal::number_of(id_of_subscription(*binder.transport));
  header.position = 1;
  header.sequence = 1;
  zmq::internal::Parcel parcel;
  for (const std::size_t size : {5U, 200U, 1U}) {
    parcel.add(1 + parcel.count(), 0, bytes_of(std::string(size, 'x')));
  }
  ASSERT_TRUE(stranger.say(header, {reinterpret_cast<const char*>(parcel.bytes().data()), parcel.bytes().size()}));
  EXPECT_EQ(take_count(*subscription, 2), (std::vector<std::string>{"xxxxx", "x"}));
  EXPECT_EQ(subscription->lost(), 1);
  EXPECT_EQ(binder.transport->statistics().malformed, 1);
}

}  // namespace
}  // namespace takt::bus::test
