#include "takt/registry/bus_uri.hpp"

#include <string>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"

namespace takt::registry {
namespace {

TEST(BusUriTest, HasItsParts) {
  const BusUri uri = parse_bus_uri("zmq+tcp://robot.local:5555?key=/etc/robot.key&bind");
  EXPECT_EQ(uri.scheme, "zmq+tcp");
  EXPECT_EQ(uri.host, "robot.local");
  EXPECT_EQ(uri.port, 5555);
  EXPECT_EQ(uri.path, "");
  EXPECT_EQ(uri.options, (std::map<std::string, std::string>{{"key", "/etc/robot.key"}, {"bind", ""}}));
}

TEST(BusUriTest, PartsMayBeMissing) {
  const BusUri dds = parse_bus_uri("dds://?domain=3");
  EXPECT_EQ(dds.host, "");
  EXPECT_FALSE(dds.port.has_value());
  EXPECT_EQ(dds.options.at("domain"), "3");
  EXPECT_EQ(parse_bus_uri("dds://").scheme, "dds");
  EXPECT_EQ(parse_bus_uri("zmq+ipc:///run/robot").path, "/run/robot");
  EXPECT_EQ(parse_bus_uri("udp://239.255.0.7:7400").port, 7400);
  EXPECT_EQ(parse_bus_uri("udp://[::1]:7400").host, "::1");
}

TEST(BusUriTest, KnowsWhenItStaysOnThisHost) {
  for (const char* text : {"dds://", "zmq+tcp://127.0.0.1:1", "zmq+tcp://localhost", "udp://[::1]:2", "zmq+ipc:///x"}) {
    EXPECT_TRUE(parse_bus_uri(text).stays_on_this_host()) << text;
  }
  for (const char* text :
       {"zmq+tcp://*:5555", "udp://239.255.0.7:7400", "zmq+tcp://robot:1", "udp://[2001:db8::1]:2"}) {
    EXPECT_FALSE(parse_bus_uri(text).stays_on_this_host()) << text;
  }
}

struct BadUri {
  const char* text;
  const char* said;
};

class BadBusUriTest : public ::testing::TestWithParam<BadUri> {};

TEST_P(BadBusUriTest, IsRefusedWithThePartAtFault) {
  try {
    static_cast<void>(parse_bus_uri(GetParam().text));
    FAIL() << "was accepted";
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string(error.what()).find(GetParam().text), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find(GetParam().said), std::string::npos) << error.what();
  }
}

INSTANTIATE_TEST_SUITE_P(Uris, BadBusUriTest,
                         ::testing::Values(BadUri{"", "'://' is missing"}, BadUri{"nonsense", "'://' is missing"},
                                           BadUri{"://x", "'' is no scheme"}, BadUri{"Zmq://x", "'Zmq' is no scheme"},
                                           BadUri{"udp://x:", "'' is no port"}, BadUri{"udp://x:7x", "'7x' is no port"},
                                           BadUri{"udp://x:65536", "'65536' is no port"},
                                           BadUri{"udp://x:-1", "'-1' is no port"},
                                           BadUri{"udp://[::1:7", "closing bracket"},
                                           BadUri{"udp://[::1]7", "after the bracket"},
                                           BadUri{"dds://?domain=1&domain=2", "'domain' is said twice"},
                                           BadUri{"dds://?domain=1&", "an option has no name"},
                                           BadUri{"dds://?=1", "an option has no name"}));

}  // namespace
}  // namespace takt::registry
