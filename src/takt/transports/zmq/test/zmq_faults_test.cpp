// What goes wrong between processes: they die, hang, and come back.
#include <array>
#include <csignal>
#include <utility>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "takt/transports/zmq/test/zmq_rig.hpp"

namespace takt::bus::test {
namespace {

TopicEndpoint topic(Qos qos = {}) {
  return {.name = "/topic", .type = {.name = "std_msgs/msg/String"}, .qos = qos, .node = {}};
}

ServiceEndpoint service() {
  return {.name = "/service", .request = {.name = "q"}, .reply = {.name = "r"}, .qos = {}, .node = {}};
}

Qos keeping_all() {
  Qos all;
  all.depth = 0;
  return all;
}

/// Another process, which does something and then sleeps until it is killed. Made before this one has threads.
class Process {
 public:
  enum class Begins : std::uint8_t { kAtOnce, kWhenTold };

  template <class Body>
  explicit Process(Body body, Begins begins = Begins::kAtOnce) {
    EXPECT_EQ(pipe(start_.data()), 0);
    child_ = fork();
    if (child_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      char told = 0;
      if (begins == Begins::kWhenTold && read(start_[0], &told, 1) != 1) {
        _exit(1);
      }
      body();
      _exit(0);
    }
  }
  ~Process() {
    kill();
    close(start_[0]);
    close(start_[1]);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void begin() const { EXPECT_EQ(write(start_[1], "x", 1), 1); }
  void stop() const { ::kill(child_, SIGSTOP); }
  void go_on() const { ::kill(child_, SIGCONT); }
  void kill() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      waitpid(std::exchange(child_, -1), nullptr, 0);
    }
  }

 private:
  std::array<int, 2> start_{};
  pid_t child_{-1};
};

zmq::ZmqOptions options_for(const std::string& address, bool binds, int heartbeat_ms = 500) {
  zmq::ZmqOptions options;
  options.address = address;
  options.binds = binds;
  options.heartbeat_ms = heartbeat_ms;
  return options;
}

/// What other processes do. They never return.
void listen(const std::string& address, int heartbeat_ms = 500) {
  const auto transport = zmq::open_zmq(options_for(address, false, heartbeat_ms));
  const auto subscription = transport->subscribe(topic(keeping_all()), {});
  const auto server = transport->serve(service(), {});
  pause();
}

void serve(const std::string& address, const std::string& kept, int heartbeat_ms = 500) {
  const auto transport = zmq::open_zmq(options_for(address, true, heartbeat_ms));
  const auto publisher = transport->advertise(topic(Qos::latched()), {});
  EXPECT_TRUE(publisher->publish(bytes_of(kept)));
  const auto server = transport->serve(service(), {});
  pause();
}

TEST(ZmqFaultsTest, AKilledConnectorIsGoneForTheBinder) {
  const std::string address = own_ipc();
  Process connector([&] { listen(address); });
  const auto binder = zmq::open_zmq(options_for(address, true));
  Events events;
  const auto publisher = binder->advertise(topic(), events.record());
  const auto client = binder->client(service(), {});
  EXPECT_TRUE(eventually([&] { return publisher->matched().current == 1 && client->matched().current == 1; }));
  connector.kill();
  EXPECT_TRUE(eventually([&] { return publisher->matched().current == 0 && client->matched().current == 0; }));
  EXPECT_TRUE(eventually([&] { return events.last_matched().current == 0; }));
  EXPECT_EQ(binder->statistics().peers, 0);
  EXPECT_TRUE(publisher->publish(bytes_of("to nobody")));
}

TEST(ZmqFaultsTest, AKilledBinderIsGoneForItsConnectorsAndTheNextIsFound) {
  const std::string address = own_ipc();
  Process first([&] { serve(address, "kept"); });
  const Process second([&] { serve(address, "kept by the second"); }, Process::Begins::kWhenTold);
  const auto transport = zmq::open_zmq(options_for(address, false));
  Events events;
  const auto subscription = transport->subscribe(topic(Qos::latched()), events.record());
  const auto client = transport->client(service(), {});
  EXPECT_EQ(take_count(*subscription, 1), std::vector<std::string>{"kept"});
  EXPECT_TRUE(eventually([&] { return client->matched().current == 1; }));

  first.kill();
  EXPECT_TRUE(eventually([&] { return events.last_matched().current == 0 && client->matched().current == 0; }));
  const auto asked = client->request(bytes_of("anybody?"));
  EXPECT_TRUE(!asked && asked.error() == SendError::kWouldBlock);

  second.begin();
  EXPECT_EQ(take_count(*subscription, 1), std::vector<std::string>{"kept by the second"});
  EXPECT_TRUE(eventually([&] { return client->matched().current == 1; }));
  EXPECT_EQ(client->matched().total, 2);
  EXPECT_TRUE(client->request(bytes_of("you?")));
}

TEST(ZmqFaultsTest, APeerThatIsSilentIsGoneAndFoundAgainWhenItSpeaks) {
  const std::string address = own_ipc();
  constexpr int kHeartbeat_ms = 100;
  const Process robot([&] { serve(address, "kept", kHeartbeat_ms); });
  const auto transport = zmq::open_zmq(options_for(address, false, kHeartbeat_ms));
  Events events;
  const auto subscription = transport->subscribe(topic(Qos::latched()), events.record());
  const auto client = transport->client(service(), {});
  EXPECT_EQ(take_count(*subscription, 1), std::vector<std::string>{"kept"});
  EXPECT_TRUE(eventually([&] { return client->matched().current == 1; }));

  robot.stop();  // the link is cut: nothing comes, and nobody says so
  EXPECT_TRUE(eventually([&] { return events.last_matched().current == 0 && client->matched().current == 0; }));
  robot.go_on();
  EXPECT_TRUE(eventually([&] { return subscription->matched().current == 1 && client->matched().current == 1; }));
  EXPECT_GE(client->matched().total, 2);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(take_all(*subscription).size(), 0) << "what was kept was heard before";
}

TEST(ZmqFaultsTest, AReaderThatHangsPressesBackOnReliablePublishersOnly) {
  const std::string address = own_ipc();
  constexpr int kHeartbeat_ms = 60'000;  // it hangs, but it is not gone
  const Process desk([&] { listen(address, kHeartbeat_ms); });
  zmq::ZmqOptions options = options_for(address, true, kHeartbeat_ms);
  options.queue = 10;
  const auto robot = zmq::open_zmq(options);
  Events events;
  const auto reliable = robot->advertise(topic(keeping_all()), events.record());
  Qos best_effort;
  best_effort.reliability = Reliability::kBestEffort;
  const auto other = robot->advertise(topic(best_effort), {});
  EXPECT_TRUE(eventually([&] { return reliable->matched().current == 1; }));
  desk.stop();
  const auto bytes = bytes_of(std::string(std::size_t{1} << 20U, 'x'));
  const auto is_blocked = [&] {
    for (int i = 0; i < 1000 && reliable->publish(bytes); ++i) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // a grant may be on its way yet
    const auto sent = reliable->publish(bytes);
    return !sent && sent.error() == SendError::kWouldBlock;
  };
  ASSERT_TRUE(eventually(is_blocked));
  const int told = events.writable();
  EXPECT_TRUE(other->publish(bytes)) << "it is lost for the reader that hangs, and nobody waits";
  EXPECT_EQ(events.writable(), told);
  desk.go_on();
  EXPECT_TRUE(eventually([&] { return events.writable() > told; }));
  EXPECT_TRUE(send_when_ready([&] { return reliable->publish(bytes); }));
}

TEST(ZmqFaultsTest, EndpointsOfOneSideComeAndGoAndTheLinkCarriesAllOfThem) {
  Binder binder = bind_tcp();
  const auto desk = zmq::open_zmq(connector(binder));
  const auto at_desk = desk->subscribe(topic(), {});
  const auto from_desk = desk->advertise(topic(), {});
  const auto client = desk->client(service(), {});
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(eventually([&] { return from_desk->matched().current == 0 && client->matched().current == 0; }));
    const auto at_robot = binder.transport->subscribe(topic(), {});
    const auto from_robot = binder.transport->advertise(topic(), {});
    const auto server = binder.transport->serve(service(), {});
    ASSERT_TRUE(eventually([&] {
      return from_desk->matched().current == 1 && from_robot->matched().current == 1 && client->matched().current == 1;
    })) << "round "
        << round;
    ASSERT_TRUE(from_desk->publish(bytes_of("up")));
    ASSERT_TRUE(from_robot->publish(bytes_of("down")));
    EXPECT_EQ(take_count(*at_robot, 1), std::vector<std::string>{"up"});
    EXPECT_EQ(take_count(*at_desk, 1), std::vector<std::string>{"down"});
    const auto id = client->request(bytes_of("ask"));
    ASSERT_TRUE(id);
    RequestId asked;
    ASSERT_TRUE(eventually(
        [&] { return server->take([&](const RequestId& one, Bytes, const MessageInfo&) { asked = one; }); }));
    EXPECT_EQ(asked, *id);
    ASSERT_TRUE(server->reply(asked, bytes_of("answer")));
    ASSERT_TRUE(eventually([&] { return client->take([](const RequestId&, Bytes, const MessageInfo&) {}); }));
  }
}

}  // namespace
}  // namespace takt::bus::test
