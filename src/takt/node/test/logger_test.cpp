#include "takt/node/logger.hpp"

#include <atomic>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "takt/messages/packages/rcl_interfaces.hpp"
#include "takt/messages/packages/type_description_interfaces.hpp"
#include "takt/messages/type_description.hpp"
#include "takt/node/test/rig.hpp"

// Names that begin with N and a number are the lines of the conformance checklist.

namespace takt::node {
namespace {

using namespace testing;
namespace ros = rcl_interfaces;

class LoggerTest : public NodesTest {
 protected:
  LoggerTest() { core::set_log_level(core::LogLevel::kOff); }
  ~LoggerTest() override { core::set_log_level(core::LogLevel::kInfo); }
  Node node{"node", near(), {.node_namespace = "/ns", .logger_services = true}};
  Node caller{"caller", far()};
};
INSTANTIATE_TEST_SUITE_P(, LoggerTest, ::testing::ValuesIn(ways()), name_of);

TEST_P(LoggerTest, WhatIsLoggedIsPublished) {
  auto lines = caller.subscribe<ros::Log>("/rosout");
  node.logger().log(core::LogLevel::kDebug, "not this");
  node.logger().log(core::LogLevel::kWarning, "look out");
  run([&]() -> Task<void> {
    const auto line = co_await async::with_timeout(1s, lines.next());
    EXPECT_TRUE(line);
    EXPECT_EQ(line->message.msg, "look out");
    EXPECT_EQ(line->message.level, ros::Log::WARN);
    EXPECT_EQ(line->message.name, "ns.node");
    EXPECT_NE(line->message.file.find("logger_test.cpp"), std::string::npos);
    EXPECT_GT(line->message.line, 0U);
  });
}

TEST_P(LoggerTest, AThreadMayLogWhileTheNodeGoes) {
  for (int round = 0; round < 50; ++round) {
    auto going = std::make_unique<Node>("going" + std::to_string(round), near());
    std::atomic<int> lines{0};
    std::jthread thread([&](const std::stop_token& stop) noexcept {
      while (!stop.stop_requested()) {
        going->logger().log(core::LogLevel::kInfo, "still here");
        ++lines;
      }
    });
    while (lines < 3) {
      std::this_thread::yield();
    }
    going->destroy();
    const int then = lines;
    while (lines < then + 3) {  // and after it
      std::this_thread::yield();
    }
  }
}

TEST_P(LoggerTest, WhoHearsALineMayLogAnother) {
  int heard = 0;
  const auto hears = near()->topic<ros::Log>("/rosout").subscribe("echo", [&](const ros::Log&) {
    ++heard;
    node.logger().log(core::LogLevel::kInfo, "and so on");
  });
  EXPECT_NO_THROW(node.logger().log(core::LogLevel::kInfo, "once"));
  EXPECT_GT(heard, 1);
}

TEST_P(LoggerTest, N5LevelsAreSeenAndSetFromAnotherNode) {
  auto get = caller.client<ros::GetLoggerLevels>("/ns/node/get_logger_levels");
  auto set = caller.client<ros::SetLoggerLevels>("/ns/node/set_logger_levels");
  run([&]() -> Task<void> {
    co_await with_node(node, caller, [&]() -> Task<void> {
      const auto before = co_await get.call({.names = {"ns.node", "other"}}, {.timeout = 10s});
      EXPECT_EQ(before.value().levels.at(0).level, ros::Log::INFO);
      EXPECT_EQ(before.value().levels.at(1).level, 0U);
      const std::vector<ros::LoggerLevel> wanted = {
          {.name = "ns.node", .level = 40}, {.name = "other", .level = 40}, {.name = "ns.node", .level = 3}};
      const auto done = co_await set.call({.levels = wanted}, {.timeout = 10s});
      EXPECT_TRUE(done.value().results.at(0).successful);
      EXPECT_FALSE(done.value().results.at(1).successful);
      EXPECT_FALSE(done.value().results.at(2).successful);
      EXPECT_EQ(node.logger().level(), core::LogLevel::kError);
    });
  });
}

TEST_P(LoggerTest, N10TypesAreDescribedByTheHashThatEndpointsShow) {
  using type_description_interfaces::GetTypeDescription;
  const auto publisher = node.publisher<Text>("/text");
  auto client = caller.client<GetTypeDescription>("/ns/node/get_type_description");
  run([&]() -> Task<void> {
    co_await with_node(node, caller, [&]() -> Task<void> {
      const bus::EndpointInfo endpoint = caller.graph().publishers("/text").at(0);
      GetTypeDescription::Request request;
      request.type_name = endpoint.type.name;
      request.type_hash = messages::rihs01_text(endpoint.type.hash);
      const auto response = co_await client.call(request, {.timeout = 10s});
      EXPECT_TRUE(response.value().successful) << response.value().failure_reason;
      EXPECT_EQ(response.value().type_description.type_description.type_name, "std_msgs/msg/String");
      EXPECT_FALSE(response.value().type_sources.empty());
      request.type_hash = "RIHS01_" + std::string(64, '0');
      const auto other = co_await client.call(request, {.timeout = 10s});
      EXPECT_FALSE(other.value().successful);
      request.type_name = "nobody/msg/HasThis";
      const auto unknown = co_await client.call(request, {.timeout = 10s});
      EXPECT_FALSE(unknown.value().successful);
    });
  });
}

}  // namespace
}  // namespace takt::node
