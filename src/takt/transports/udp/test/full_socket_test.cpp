// What becomes of a message for which the socket has no room, or not for all of it. Loopback takes everything at once;
// so here is a network of its own, where the receiver's address is asked for and nobody answers: datagrams wait.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include "takt/transports/udp/udp_transport.hpp"

namespace takt::udp {
namespace {

constexpr const char* kMakeNetwork =
    "ip link add v0 type veth peer name v1 && ip addr add 10.77.1.1/24 dev v0 && ip link set v0 up && ip link set v1 "
    "up";

bool can_make_network() {
  const std::string inside = std::string(" sh -c '") + kMakeNetwork + "' >/dev/null 2>&1";
  return std::system(("unshare -n" + inside + " || unshare -rn" + inside).c_str()) == 0;
}

void require(bool holds, const char* what) {
  if (!holds) {
    std::fprintf(stderr, "not so: %s\n", what);
    _exit(1);
  }
}

/// This process, which has one thread, goes into a network namespace with one interface.
void enter_quiet_network() {
  require(unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0, "a network of its own");
  require(std::system(kMakeNetwork) == 0, "an interface in it");
}

void send_into_a_full_socket() {
  enter_quiet_network();
  UdpOptions options;
  options.host = "10.77.1.99";
  options.port = 7400;
  options.socket_buffer_bytes = 1;  // the least that the system has: a few datagrams
  const auto transport = open_udp(options);
  const auto publisher = transport->advertise(
      {.name = "/topic", .type = {.name = "std_msgs/msg/String", .hash = {}}, .qos = bus::Qos::latest(), .node = {}},
      {});
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

TEST(FullSocketTest, AMessageIsBegunAndLostOrNotSentAtAll) {
  if (!can_make_network()) {
    GTEST_SKIP() << "no network of its own can be made here";
  }
  EXPECT_EXIT(send_into_a_full_socket(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace takt::udp
