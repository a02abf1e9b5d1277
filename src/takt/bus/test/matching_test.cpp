#include "takt/bus/matching.hpp"

#include <gtest/gtest.h>

namespace takt::bus {
namespace {

TopicEndpoint endpoint() {
  return {.name = "/topic", .type = {.name = "a/msg/A"}, .qos = {}, .node = {}};
}

TEST(MatchingTest, EqualEndsMatch) {
  EXPECT_EQ(find_mismatch(endpoint(), endpoint()), std::nullopt);
}

TEST(MatchingTest, AMismatchNamesTopicNodesAndBothTypes) {
  TopicEndpoint publisher = endpoint();
  publisher.node = "/talker";
  TopicEndpoint subscription = endpoint();
  subscription.type.name = "b/msg/B";
  subscription.node = "/listener";
  const std::string said = find_mismatch(publisher, subscription).value_or("");
  for (const char* part : {"/topic", "/talker", "/listener", "a/msg/A", "b/msg/B"}) {
    EXPECT_NE(said.find(part), std::string::npos) << said;
  }
}

TEST(MatchingTest, HashesAreComparedWhereBothAreKnown) {
  TopicEndpoint one = endpoint();
  one.type.hash[3] = 1;
  TopicEndpoint other = endpoint();
  EXPECT_EQ(find_mismatch(one, other), std::nullopt);
  other.type.hash[3] = 2;
  EXPECT_NE(find_mismatch(one, other), std::nullopt);
}

TEST(MatchingTest, APublisherMayOfferMoreThanIsAskedForButNotLess) {
  TopicEndpoint more = endpoint();
  more.qos = Qos::latched();
  TopicEndpoint less = endpoint();
  less.qos = Qos::latest();
  EXPECT_EQ(find_mismatch(more, less), std::nullopt);
  EXPECT_NE(find_mismatch(less, more), std::nullopt);
  EXPECT_NE(find_mismatch(endpoint(), more), std::nullopt) << "volatile is offered, transient local asked for";
}

TEST(MatchingTest, ServicesAgreeInBothTypes) {
  const ServiceEndpoint server{.name = "/s", .request = {.name = "q"}, .reply = {.name = "r"}, .qos = {}, .node = {}};
  ServiceEndpoint client = server;
  EXPECT_EQ(find_mismatch(server, client), std::nullopt);
  client.reply.name = "other";
  EXPECT_NE(find_mismatch(server, client), std::nullopt);
}

TEST(MatchingTest, AServicesTypeIsThatOfItsRequestWithoutTheSuffix) {
  EXPECT_EQ(service_type({.name = "std_srvs/srv/SetBool_Request"}).name, "std_srvs/srv/SetBool");
  EXPECT_EQ(service_type({.name = "mine"}).name, "mine");
}

TEST(MatchingTest, AQualityThatIsNotThereIsRefusedByName) {
  try {
    require_supported(Qos::latched(), static_cast<Capabilities>(Capability::kReliable), "udp", "/topic");
    FAIL() << "was accepted";
  } catch (const LogicError& error) {
    EXPECT_NE(std::string(error.what()).find("transient local"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace takt::bus
