// What strangers do with greetings: they greet, welcome and connect again and again, and read nothing.
#include <memory>
#include <thread>
#include <vector>

#include <zmq.hpp>

#include "takt/transports/zmq/test/strangers_rig.hpp"

namespace takt::bus::test {
namespace {

/// By the name of its process each takes over from the one before, at which something may lie unread.
TEST(ZmqGreetingsTest, WhoHasManyConnectionsInTheNameOfOneProcessIsNotWelcomed) {
  zmq::ZmqOptions options;
  options.heartbeat_ms = kNoHeartbeat_ms;
  const Binder binder = bind_ipc(options);
  {
    std::vector<std::unique_ptr<Stranger>> strangers;
    for (int i = 0; i < 257; ++i) {
      strangers.push_back(std::make_unique<Stranger>(binder.options.address));
    }
    ASSERT_TRUE(strangers.back()->hello_unheard());
    EXPECT_TRUE(eventually([&] { return binder.transport->statistics().malformed == 1; }));
    EXPECT_EQ(binder.transport->statistics().peers, 0);
  }
  const auto desk = zmq::open_zmq(connector(binder));
  EXPECT_TRUE(eventually([&] { return binder.transport->statistics().peers == 1; }));
}

TEST(ZmqGreetingsTest, WhoWelcomesWithoutHavingReadTheGreetingIsNotBelieved) {
  zmq::ZmqOptions options;
  options.address = own_ipc();
  ::zmq::context_t context;
  ::zmq::socket_t stranger(context, ::zmq::socket_type::router);
  stranger.set(::zmq::sockopt::linger, 0);
  stranger.bind(options.address);
  const auto desk = zmq::open_zmq(options);
  ::zmq::message_t name;
  ::zmq::message_t hello;
  ASSERT_TRUE(stranger.recv(name) && stranger.recv(hello));
  const auto heard = zmq::internal::read_header({hello.data<std::byte>(), hello.size()});
  ASSERT_TRUE(heard);
  Header welcome;
  welcome.kind = Header::Kind::kWelcome;
  welcome.from = 77;
  welcome.session = heard->session;
  for (const std::uint64_t echo : {std::uint64_t{0}, heard->sequence}) {
    welcome.position = echo;
    welcome.sequence = echo == 0 ? 3 : 5;
    const auto bytes = zmq::internal::write_header(welcome);
    stranger.send(::zmq::const_buffer(name.data(), name.size()), ::zmq::send_flags::sndmore);
    stranger.send(::zmq::const_buffer(bytes.data(), bytes.size()), ::zmq::send_flags::none);
  }
  EXPECT_TRUE(eventually([&] { return desk->statistics().peers == 1; }));
  Header receipt;
  while (receipt.kind != Header::Kind::kReceipt) {
    ASSERT_TRUE(stranger.recv(name) && stranger.recv(hello));
    receipt = zmq::internal::read_header({hello.data<std::byte>(), hello.size()}).value_or(Header{});
  }
  EXPECT_EQ(receipt.position, 0);
  EXPECT_EQ(receipt.sequence, 5) << "of the one that said the greeting back";
}

/// Of each greeting something new could be on the way.
TEST(ZmqGreetingsTest, WhoGreetsAnewWithoutReadingGetsNothingMore) {
  zmq::ZmqOptions options;
  options.queue = 10;
  options.heartbeat_ms = kNoHeartbeat_ms;
  const Binder binder = bind_ipc(options);
  TopicEndpoint all = topic();
  all.qos.depth = 0;
  const auto publisher = binder.transport->advertise(all, {});
  Stranger stranger(binder.options.address);
  Announcement reader = invented();
  reader.kind = zmq::internal::Kind::kSubscription;
  reader.qos = all.qos;
  reader.window = UINT32_MAX;
  ASSERT_TRUE(stranger.hello() && stranger.announce(reader, 7));
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1; }));
  const std::size_t before = resident_bytes();
  const std::vector<std::byte> bytes(std::size_t{1} << 20U, std::byte{1});
  constexpr std::uint64_t kTries = 40;
  std::size_t sent = 0;
  for (std::uint64_t i = 1; i <= kTries; ++i) {
    for (int j = 0; j < 6; ++j) {
      sent += publisher->publish(bytes) ? 1 : 0;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(25));  // it is not heard more often
    ASSERT_TRUE(stranger.hello_unheard() && stranger.announce(reader, 100 + i));
  }
  EXPECT_GT(sent, 4);
  expect_at_most_more(resident_bytes(), before, 48, "what was on the way first");
}

/// The other way round: who binds welcomes again and again, and has something new to be sent to each time.
TEST(ZmqGreetingsTest, WhoWelcomesAgainWithoutReadingGetsNothingMore) {
  zmq::ZmqOptions options;
  options.address = own_ipc();
  options.queue = 10;
  options.heartbeat_ms = kNoHeartbeat_ms;
  ::zmq::context_t context;
  ::zmq::socket_t stranger(context, ::zmq::socket_type::router);
  stranger.set(::zmq::sockopt::rcvhwm, 1);
  stranger.set(::zmq::sockopt::linger, 0);
  stranger.bind(options.address);
  const auto desk = zmq::open_zmq(options);
  TopicEndpoint all = topic();
  all.qos.depth = 0;
  const auto publisher = desk->advertise(all, {});
  ::zmq::message_t name;
  ::zmq::message_t hello;
  ASSERT_TRUE(stranger.recv(name) && stranger.recv(hello));
  const auto heard = zmq::internal::read_header({hello.data<std::byte>(), hello.size()});
  ASSERT_TRUE(heard);
  const auto say = [&](const Header& header, std::span<const std::byte> payload) {
    const auto bytes = zmq::internal::write_header(header);
    stranger.send(::zmq::const_buffer(name.data(), name.size()), ::zmq::send_flags::sndmore);
    stranger.send(::zmq::const_buffer(bytes.data(), bytes.size()), ::zmq::send_flags::sndmore);
    stranger.send(::zmq::const_buffer(payload.data(), payload.size()), ::zmq::send_flags::none);
  };
  const std::size_t before = resident_bytes();
  const std::vector<std::byte> bytes(std::size_t{1} << 20U, std::byte{1});
  std::size_t sent = 0;
  for (std::uint64_t i = 1; i <= 40; ++i) {
    Header header;
    header.session = heard->session + static_cast<std::uint32_t>(i / 20);  // which might be its next
    header.kind = Header::Kind::kAgain;
    if (i == 20) {
      --header.session;
      say(header, {});
      ++header.session;
    }
    header.kind = Header::Kind::kWelcome;
    header.position = heard->sequence;
    header.from = 77 + (2 * (i % 2));
    say(header, {});
    Announcement reader = invented();
    reader.kind = zmq::internal::Kind::kSubscription;
    reader.id = zmq::internal::make_id(0, i);
    reader.qos = all.qos;
    reader.window = UINT32_MAX;
    header.kind = Header::Kind::kAnnounce;
    say(header, zmq::internal::write_announcement(reader));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    for (int j = 0; j < 6; ++j) {
      sent += publisher->publish(bytes) ? 1 : 0;
    }
  }
  EXPECT_GT(sent, 4);
  expect_at_most_more(resident_bytes(), before, 48, "what was on the way first, and what waits");
}

/// Nobody reads the welcomes.
TEST(ZmqGreetingsTest, WhoeverGreetsAndAnnouncesWithoutEndDoesNotHoldUpWhoPublishes) {
  const Binder binder = bind_ipc();
  std::vector<std::unique_ptr<TransportPublisher>> publishers;
  for (int i = 0; i < 200; ++i) {
    publishers.push_back(binder.transport->advertise(topic(), {}));
  }
  std::atomic<bool> stop{false};
  std::thread flood([&] {
    Stranger stranger(binder.options.address);
    for (std::uint64_t i = 1; !stop; ++i) {
      if (!stranger.hello_unheard() || !stranger.announce(invented(), i)) {
        return;
      }
    }
  });
  EXPECT_TRUE(eventually([&] { return binder.transport->statistics().peers == 1; }));
  const std::size_t before = resident_bytes();
  std::size_t published = 0;
  EXPECT_TRUE(eventually([&] {
    EXPECT_TRUE(publishers.front()->publish(bytes_of("through")));
    return ++published == 500;
  })) << published;
  EXPECT_LT(resident_bytes(), before + (std::size_t{200} << 20U));
  stop = true;
  flood.join();
}

}  // namespace
}  // namespace takt::bus::test
