#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <signal.h>

#include "takt/messages/cdr.hpp"
#include "takt/transports/dds/test/dds_test.hpp"

#include "child.hpp"

// The transport dds and programs that are not takt's, as processes beside this one, all on the loopback interface.
namespace takt::dds {
namespace {

using test::Child;
using test::eventually;
using test::own;

std::string domain() {
  return std::to_string(test::options().domain);
}

/// A peer program; empty where it was not built.
struct Peer {
  const char* name;
  const char* program;
  const char* prefix;  // of what it echoes
};

void PrintTo(const Peer& peer, std::ostream* out) {
  *out << peer.name;
}

#ifdef TAKT_DDS_IDL_PEER
constexpr const char* kIdlPeer = TAKT_DDS_IDL_PEER;
#else
constexpr const char* kIdlPeer = "";
#endif
#ifdef TAKT_DDS_FAST_PEER
constexpr const char* kFastPeer = TAKT_DDS_FAST_PEER;
#else
constexpr const char* kFastPeer = "";
#endif

class DdsInterop : public testing::TestWithParam<Peer> {
 protected:
  void SetUp() override {
    if (*GetParam().program == '\0') {
      GTEST_SKIP() << "this peer was not built";
    }
  }
  [[nodiscard]] static std::string unique(std::string_view name) { return own(std::string(name) + GetParam().name); }

  const std::shared_ptr<bus::Transport> transport = test::open();
};

bool boolean_of(bus::Bytes bytes) {
  const auto value = messages::from_cdr<std::tuple<bool>>(bytes);
  return value && std::get<0>(*value);
}

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

INSTANTIATE_TEST_SUITE_P(Peers, DdsInterop,
                         testing::Values(Peer{"idl", kIdlPeer, "idl:"}, Peer{"fast", kFastPeer, "fast:"}),
                         [](const auto& peer) { return std::string(peer.param.name); });

TEST(DdsInteropServer, AClientOfCycloneIsAnswered) {
  if (*kIdlPeer == '\0') {
    GTEST_SKIP() << "this peer was not built";
  }
  const auto transport = test::open();
  const auto server = transport->serve(test::service(own("/called")), {});
  Child peer({kIdlPeer, domain(), "call", own("/called")});
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

TEST(DdsInteropServer, AClientOfTheOtherDialectIsNamedAndNotServed) {
  if (*kFastPeer == '\0') {
    GTEST_SKIP() << "this peer was not built";
  }
  const auto transport = test::open();
  std::atomic<bool> told{false};
  const auto server = transport->serve(test::service(own("/fastcall")), test::on_incompatible([&](const auto& reason) {
                                         EXPECT_TRUE(reason.contains("rmw_fastrtps")) << reason;
                                         EXPECT_TRUE(reason.contains(own("/fastcall"))) << reason;
                                         told = true;
                                       }));
  Child peer({kFastPeer, domain(), "call", own("/fastcall")});
  ASSERT_TRUE(peer.says("ready")) << peer.said();
  EXPECT_TRUE(eventually([&] { return told.load(); }));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // some requests
  EXPECT_FALSE(server->take([](const bus::RequestId&, bus::Bytes, const bus::MessageInfo&) {}));
}

TEST(DdsInteropServer, OfServersOfBothDialectsThoseOfCycloneAreAskedAndTheOthersNamed) {
  if (*kFastPeer == '\0') {
    GTEST_SKIP() << "this peer was not built";
  }
  Child peer({kFastPeer, domain(), "serve", own("/mixed")});
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

TEST(DdsInteropFaults, AKilledServerIsNoticedWhenItsLeaseEnds) {
  if (*kIdlPeer == '\0') {
    GTEST_SKIP() << "this peer was not built";
  }
  const auto transport = test::open();
  const auto client = transport->client(test::service(own("/killed")), {});
  Child peer({kIdlPeer, domain(), "serve", own("/killed")},
             {"CYCLONEDDS_URI=<General><Interfaces><NetworkInterface address=\"127.0.0.1\"/></Interfaces>"
              "<AllowMulticast>false</AllowMulticast></General><Discovery><ParticipantIndex>auto</ParticipantIndex>"
              "<MaxAutoParticipantIndex>63</MaxAutoParticipantIndex><LeaseDuration>500ms</LeaseDuration>"
              "<Peers><Peer address=\"127.0.0.1\"/></Peers></Discovery>"});
  ASSERT_TRUE(eventually([&] { return client->matched().current == 1; }));
  ASSERT_EQ(::kill(peer.pid(), SIGKILL), 0);
  EXPECT_TRUE(eventually([&] { return client->matched().current == 0; }));
}

TEST(DdsInteropFaults, MoreThanNineProcessesOfOneHostFindEachOther) {
  if (*kIdlPeer == '\0') {
    GTEST_SKIP() << "this peer was not built";
  }
  constexpr int kPeers = 12;
  const auto transport = test::open();
  std::vector<std::unique_ptr<Child>> peers;
  for (int i = 0; i < kPeers; ++i) {
    const std::string name = own("/crowd_" + std::to_string(i));
    peers.push_back(std::make_unique<Child>(std::vector<std::string>{kIdlPeer, domain(), "echo", name, own("/crowd")}));
  }
  EXPECT_TRUE(eventually([&] {
    const bus::Graph graph = transport->graph();
    return std::ranges::count(graph.endpoints, own("/crowd"), &bus::EndpointInfo::name) == kPeers;
  }));
}

/// Whether there is such a program.
bool can_run(const std::vector<std::string>& command) {
  try {
    Child child(command);
    (void)child.all();
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

/// For a program that Cyclone DDS configures by its environment: where our transports are.
std::vector<std::string> on_loopback() {
  return {
      "CYCLONEDDS_URI=<General><Interfaces><NetworkInterface address=\"127.0.0.1\"/></Interfaces>"
      "<AllowMulticast>false</AllowMulticast></General><Discovery><ParticipantIndex>auto</ParticipantIndex>"
      "<MaxAutoParticipantIndex>63</MaxAutoParticipantIndex><Peers><Peer address=\"127.0.0.1\"/></Peers></Discovery>"};
}

TEST(DdsInteropTools, DdsperfOnTheSameDomainDisturbsNobody) {
  if (!can_run({"ddsperf", "help"})) {
    GTEST_SKIP() << "no ddsperf here: apt install cyclonedds-tools";
  }
  const auto here = test::open();
  const auto there = test::open();
  const auto publisher = here->advertise(test::topic(own("/busy"), test::depth(0)), {});
  const auto subscription = there->subscribe(test::topic(own("/busy"), test::depth(0)), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1 && subscription->matched().current == 1; }));
  Child listens({"ddsperf", "-i", domain(), "-D", "4", "sub"}, on_loopback());
  Child talks({"ddsperf", "-i", domain(), "-D", "3", "pub", "2000Hz", "size", "1000"}, on_loopback());
  constexpr int kCount = 500;
  int taken = 0;
  for (int i = 0; i < kCount; ++i) {
    ASSERT_TRUE(eventually([&] { return publisher->publish(test::text(std::to_string(i))).has_value(); }));
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    for (const std::string& text : test::take_texts(*subscription)) {
      EXPECT_EQ(text, std::to_string(taken++));
    }
  }
  EXPECT_TRUE(eventually([&] {
    for (const std::string& text : test::take_texts(*subscription)) {
      EXPECT_EQ(text, std::to_string(taken++));
    }
    return taken == kCount;
  })) << taken;
  EXPECT_EQ(subscription->lost(), 0U);
  EXPECT_TRUE(listens.all().contains("rate")) << listens.said();  // and it did run, and was heard
}

TEST(DdsInteropTools, DdsperfIsHeardOnATopicThatIsNotNamedAsRosNamesThem) {
  if (!can_run({"ddsperf", "help"})) {
    GTEST_SKIP() << "no ddsperf here: apt install cyclonedds-tools";
  }
  DdsOptions options = test::options();
  options.plain_topics = {{.name = "/load", .topic = "DDSPerfRDataOU", .type = "OneULong"}};
  const auto here = open_dds(options);
  const auto subscription = here->subscribe(
      {.name = "/load", .type = {.name = "bench/msg/Load", .hash = {}}, .qos = test::depth(100), .node = ""}, {});
  const Child talks({"ddsperf", "-i", domain(), "-D", "20", "-T", "OU", "pub", "100Hz"}, on_loopback());
  std::vector<std::uint32_t> heard;
  EXPECT_TRUE(eventually([&] {
    while (subscription->take([&](bus::Bytes bytes, const bus::MessageInfo&) {
      const auto value = messages::from_cdr<std::tuple<std::uint32_t>>(bytes);
      ASSERT_TRUE(value);
      heard.push_back(std::get<0>(*value));
    })) {
    }
    return heard.size() >= 20;
  })) << talks.said();
  for (std::size_t i = 1; i < heard.size(); ++i) {
    EXPECT_EQ(heard[i], heard[0] + i);
  }
  ::kill(talks.pid(), SIGTERM);
}

TEST(DdsInteropTools, TsharkDecodesWhatWeSend) {
  const std::uint32_t first_port = 7400 + 250 * test::options().domain;
  const std::string ports = "udp portrange " + std::to_string(first_port) + "-" + std::to_string(first_port + 249);
  std::unique_ptr<Child> tshark;
  try {
    tshark = std::make_unique<Child>(std::vector<std::string>{"tshark", "-i", "lo", "-f", ports, "-l", "-O", "rtps"});
  } catch (const std::runtime_error&) {
    GTEST_SKIP() << "no tshark here: apt install tshark";
  }
  if (!tshark->says("Capturing on")) {
    GTEST_SKIP() << "capturing is not permitted here: " << tshark->said();
  }
  const auto here = test::open();
  const auto there = test::open();
  const auto publisher = here->advertise(test::topic(own("/shark")), {});
  const auto subscription = there->subscribe(test::topic(own("/shark")), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1 && subscription->matched().current == 1; }));
  // Until the capture has begun, which it does not tell, this is not seen.
  EXPECT_TRUE(eventually([&] {
    EXPECT_TRUE(publisher->publish(test::text("takt")));
    return tshark->says_soon("serializedData: 0500000074616b7400");
  })) << tshark->said().substr(0, 2000);
  const auto late = here->advertise(test::topic(own("/late")), {});
  EXPECT_TRUE(tshark->says("topic: rt" + own("/late")));
  EXPECT_TRUE(tshark->says("typeName: std_msgs::msg::dds_::String_"));
  EXPECT_TRUE(tshark->said().contains("Real-Time Publish-Subscribe Wire Protocol"));
  EXPECT_FALSE(tshark->said().contains("Malformed"));
  ::kill(tshark->pid(), SIGINT);
}

}  // namespace
}  // namespace takt::dds
