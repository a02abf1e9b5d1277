// What becomes of a message for which the socket has no room, or not for all of it. Loopback takes everything at once;
// so here is a network of its own, where the receiver's address is asked for and nobody answers: datagrams wait. And
// what becomes of it on a link that is narrower than a datagram.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include "takt/transports/udp/udp_transport.hpp"

namespace takt::udp {
namespace {

constexpr const char* kQuietNetwork =
    "ip link add v0 type veth peer name v1 && ip addr add 10.77.1.1/24 dev v0 && ip link set v0 up && ip link set v1 "
    "up";
constexpr const char* kNarrowLoopback = "ip link set lo mtu 1000 && ip link set lo up";

bool can_make(const char* network) {
  const std::string inside = std::string(" sh -c '") + network + "' >/dev/null 2>&1";
  return std::system(("unshare -n" + inside + " || unshare -rn" + inside).c_str()) == 0;
}

void require(bool holds, const char* what) {
  if (!holds) {
    std::fprintf(stderr, "not so: %s\n", what);
    _exit(1);
  }
}

/// This process, which has one thread, goes into a network namespace of its own.
void enter(const char* network) {
  require(unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0, "a network of its own");
  require(std::system(network) == 0, "an interface in it");
}

bus::TopicEndpoint topic() {
  return {.name = "/topic", .type = {.name = "std_msgs/msg/String", .hash = {}}, .qos = bus::Qos::latest(), .node = {}};
}

void send_into_a_full_socket() {
  enter(kQuietNetwork);
  UdpOptions options;
  options.host = "10.77.1.99";
  options.port = 7400;
  options.socket_buffer_bytes = 1;  // the least that the system has: a few datagrams
  const auto transport = open_udp(options);
  const auto publisher = transport->advertise(topic(), {});
  const std::vector<std::byte> large(100'000);
  require(publisher->publish(large).has_value(), "what was begun counts as sent");
  require(transport->statistics().unsent == 1, "that the rest of it was not is counted");
  for (int i = 0; i < 3; ++i) {
    const auto full = publisher->publish(large);
    require(!full && full.error() == bus::SendError::kWouldBlock, "of which nothing could be sent would block");
  }
  require(transport->statistics().unsent == 1, "which is nothing lost");
  _exit(0);
}

/// Less goes there at once than a datagram has: the system does not cut what is sent, and each goes by itself.
void send_over_a_narrow_link() {
  enter(kNarrowLoopback);
  UdpOptions options;
  options.host = "127.0.0.1";
  options.port = 7400;
  options.listens = true;
  const auto listener = open_udp(options);
  options.listens = false;
  const auto sender = open_udp(options);
  std::atomic<bool> came{false};
  bus::EndpointEvents events;
  events.on_data = [&] { came = true; };
  const auto subscription = listener->subscribe(topic(), std::move(events));
  const auto publisher = sender->advertise(topic(), {});
  std::vector<std::byte> large(100'000);
  for (std::size_t i = 0; i < large.size(); ++i) {
    large[i] = static_cast<std::byte>(i % 251);
  }
  for (int tries = 0; tries < 3000 && !came; ++tries) {  // a datagram may be lost
    require(publisher->publish(large).has_value(), "it is sent");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  bool is_same = false;
  require(subscription->take(
              [&](bus::Bytes bytes, const bus::MessageInfo&) { is_same = std::ranges::equal(bytes, large); }),
          "it comes");
  require(is_same, "it comes as it was sent");
  _exit(0);
}

TEST(FullSocketTest, WhereADatagramIsTooLargeForTheLinkALargeMessageGoesThereAllTheSame) {
  if (!can_make(kNarrowLoopback)) {
    GTEST_SKIP() << "no network of its own can be made here";
  }
  EXPECT_EXIT(send_over_a_narrow_link(), testing::ExitedWithCode(0), "");
}

TEST(FullSocketTest, AMessageIsBegunAndLostOrNotSentAtAll) {
  if (!can_make(kQuietNetwork)) {
    GTEST_SKIP() << "no network of its own can be made here";
  }
  EXPECT_EXIT(send_into_a_full_socket(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace takt::udp
