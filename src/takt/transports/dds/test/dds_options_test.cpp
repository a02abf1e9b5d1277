#include <cstdlib>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/transports/dds/internal/configuration.hpp"
#include "takt/transports/dds/test/dds_test.hpp"

namespace takt::dds {
namespace {

/// Sets a variable of the environment for as long as it lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

TEST(DdsOptions, WithoutAnEnvironmentItIsDomainZeroOnThisHost) {
  const DdsOptions options = DdsOptions::from_environment();
  EXPECT_EQ(options.domain, 0U);
  EXPECT_EQ(options.discovery, DiscoveryRange::kLocalhost);
  EXPECT_TRUE(options.static_peers.empty());
}

TEST(DdsOptions, TheEnvironmentOfRosIsRead) {
  const Variable domain("ROS_DOMAIN_ID", "17");
  const Variable peers("ROS_STATIC_PEERS", "10.0.0.1;;robot.local;");
  const Variable uri("CYCLONEDDS_URI", "<General/>");
  {
    const Variable range("ROS_AUTOMATIC_DISCOVERY_RANGE", "SUBNET");
    const DdsOptions options = DdsOptions::from_environment();
    EXPECT_EQ(options.domain, 17U);
    EXPECT_EQ(options.discovery, DiscoveryRange::kSubnet);
    EXPECT_EQ(options.static_peers, (std::vector<std::string>{"10.0.0.1", "robot.local"}));
    EXPECT_EQ(options.cyclone_config, "<General/>");
  }
  const Variable range("ROS_AUTOMATIC_DISCOVERY_RANGE", "OFF");
  EXPECT_EQ(DdsOptions::from_environment().discovery, DiscoveryRange::kOff);
}

TEST(DdsOptions, TheOlderVariableIsReadWhereTheNewerIsNotSet) {
  const Variable older("ROS_LOCALHOST_ONLY", "0");
  EXPECT_EQ(DdsOptions::from_environment().discovery, DiscoveryRange::kSubnet);
  const Variable newer("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST");
  EXPECT_EQ(DdsOptions::from_environment().discovery, DiscoveryRange::kLocalhost);
}

TEST(DdsOptions, AMalformedVariableIsNamed) {
  for (const char* text : {"x", "-1", "233", "1 ", "99999999999"}) {
    const Variable domain("ROS_DOMAIN_ID", text);
    EXPECT_TRUE(message_of([] { (void)DdsOptions::from_environment(); }).starts_with("ROS_DOMAIN_ID")) << text;
  }
  const Variable range("ROS_AUTOMATIC_DISCOVERY_RANGE", "EVERYWHERE");
  EXPECT_TRUE(message_of([] { (void)DdsOptions::from_environment(); }).starts_with("ROS_AUTOMATIC_DISCOVERY_RANGE"));
}

TEST(DdsOptions, OptionsThatMakeNoSenseAreNamed) {
  const auto refused = [](const std::function<void(DdsOptions&)>& change) {
    DdsOptions options;
    change(options);
    return message_of([&] { (void)cyclone_configuration(options); });
  };
  EXPECT_TRUE(refused([](DdsOptions& o) { o.domain = 233; }).contains("domain"));
  EXPECT_TRUE(refused([](DdsOptions& o) { o.max_processes = 0; }).contains("max_processes"));
  EXPECT_TRUE(refused([](DdsOptions& o) { o.static_peers = {"a\"/><x"}; }).contains("static_peers"));
  EXPECT_TRUE(refused([](DdsOptions& o) { o.keep_all_samples = 0; }).contains("keep_all_samples"));
  EXPECT_TRUE(refused([](DdsOptions& o) { o.keep_all_patience_ms = 0; }).contains("keep_all_patience_ms"));
  EXPECT_TRUE(refused([](DdsOptions& o) { o.enclave = "a;b"; }).contains("enclave"));
}

TEST(DdsOptions, OnlyTheSubnetIsLookedForBeyondThisHost) {
  DdsOptions options;
  for (const DiscoveryRange range : {DiscoveryRange::kLocalhost, DiscoveryRange::kOff}) {
    options.discovery = range;
    const std::string text = cyclone_configuration(options);
    EXPECT_TRUE(text.contains("NetworkInterface address=\"127.0.0.1\"")) << text;
    EXPECT_TRUE(text.contains("<AllowMulticast>false")) << text;
    EXPECT_EQ(text.contains("<Tag>"), range == DiscoveryRange::kOff) << text;
  }
  options.discovery = DiscoveryRange::kSubnet;
  EXPECT_FALSE(cyclone_configuration(options).contains("127.0.0.1"));
  EXPECT_FALSE(cyclone_configuration(options).contains("Peer"));
  options.static_peers = {"robot.local"};
  EXPECT_TRUE(cyclone_configuration(options).contains("<Peer address=\"robot.local\"/>"));
}

TEST(DdsOptions, AConfigurationThatCycloneDoesNotUnderstandIsAnErrorThatShowsIt) {
  DdsOptions options = test::options();
  options.cyclone_config = "<General><NoSuchThing>1</NoSuchThing></General>";
  try {
    (void)open_dds(options);
    FAIL();
  } catch (const SystemError& error) {
    EXPECT_TRUE(std::string_view(error.what()).contains("NoSuchThing")) << error.what();
  }
}

}  // namespace
}  // namespace takt::dds
