#include "takt/teleop/replay/command_service.hpp"

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/bus/memory_transport.hpp"
#include "takt/core/error.hpp"
#include "takt/messages/packages/std_msgs.hpp"
#include "takt/teleop/replay/command_router.hpp"
#include "takt/teleop/replay/test/fake_handler.hpp"

namespace takt::teleop::replay {
namespace {

using std_msgs::String;
using test::FakeHandler;
using test::trigger;

/// Says requests as text and keeps the replies; in the owner's process.
class CommandServiceTest : public ::testing::Test {
 protected:
  void say(const std::string& text) { bus.topic<String>("/follower/cmd").publish(String{.data = text}); }
  void ask(const Command& command, std::uint64_t corr, const std::string& client = "desk-1") {
    say(encode(
        CommandRequest{.address = {.reply_to = "/desk/reply", .corr = corr, .client = client}, .command = command}));
  }

  bus::Bus bus;
  FakeHandler handler;
  CommandService service{bus, "follower", handler, {.memory = {.clients = 2, .answers = 4}, .reply_topics = 2}};
  std::vector<std::string> replies;
  bus::Subscription heard =
      bus.topic<String>("/desk/reply").subscribe("test", [this](const String& text) { replies.push_back(text.data); });
};

TEST_F(CommandServiceTest, ARequestIsDoneAndAnsweredInsideThePublish) {
  ask(trigger(), 1);
  ASSERT_EQ(replies.size(), 1);
  EXPECT_EQ(replies[0], R"({"corr":1,"client":"desk-1","value":1})");
  EXPECT_EQ(handler.asked()[0].command, trigger());
}

TEST_F(CommandServiceTest, ARequestThatComesTwiceIsDoneOnceAndAnsweredTwice) {
  ask(trigger(), 1);
  ask(trigger(), 1);
  EXPECT_EQ(handler.asked().size(), 1);
  ASSERT_EQ(replies.size(), 2);
  EXPECT_EQ(replies[0], replies[1]);
  EXPECT_EQ(service.counts().repeated, 1);
}

TEST_F(CommandServiceTest, ARefusalIsRememberedLikeAValue) {
  handler.answer = [this](const Command&) {
    return CommandResult(Unexpected("no " + std::to_string(handler.asked().size())));
  };
  ask(trigger(), 1);
  ask(trigger(), 1);
  ASSERT_EQ(replies.size(), 2);
  EXPECT_EQ(replies[1], R"({"corr":1,"client":"desk-1","value":null,"error":"no 1"})");
}

TEST_F(CommandServiceTest, TheSameNumberOfAnotherClientIsAnotherRequest) {
  ask(trigger(), 1, "desk-1");
  ask(trigger(), 1, "desk-2");
  EXPECT_EQ(handler.asked().size(), 2);
}

TEST_F(CommandServiceTest, WhoDoesNotSayWhoHeIsNeverAsksTwice) {
  ask(trigger(), 1, "");
  ask(trigger(), 1, "");
  EXPECT_EQ(handler.asked().size(), 2);
  EXPECT_EQ(replies[0], R"({"corr":1,"value":1})");
}

TEST_F(CommandServiceTest, WhatOnlyLooksIsLookedAtAgain) {
  handler.answer = [](const Command&) { return CommandResult(CommandValue{ReplayStatus{}}); };
  ask({.action = CommandAction::kStatus}, 1);
  ask({.action = CommandAction::kStatus}, 1);
  EXPECT_EQ(handler.asked().size(), 2);
}

TEST_F(CommandServiceTest, ARequestOlderThanWhatIsRememberedIsNotDoneAgain) {
  for (std::uint64_t corr = 1; corr <= 10; ++corr) {
    ask(trigger(), corr);
  }
  replies.clear();
  ask(trigger(), 1);
  EXPECT_EQ(handler.asked().size(), 10);
  ASSERT_EQ(replies.size(), 1);
  EXPECT_NE(replies[0].find("not done again"), std::string::npos);
}

TEST_F(CommandServiceTest, ItAnswersOnlyWhereAnAnswerIsWanted) {
  say(R"({"action":"RENEW","client":"desk-1"})");
  EXPECT_EQ(handler.asked().size(), 1);
  EXPECT_EQ(replies.size(), 0);
  EXPECT_EQ(service.counts().one_way, 1);
}

TEST_F(CommandServiceTest, NonsenseIsToldItsReasonAndChangesNothing) {
  say("nonsense");
  say(R"({"action":"JUMP","reply_to":"/desk/reply","corr":4,"client":"desk-1"})");
  say(R"({"action":"SEEK","params":{"t_s":"soon"},"reply_to":"/desk/reply","corr":5})");
  EXPECT_EQ(handler.asked().size(), 0);
  EXPECT_EQ(service.counts().malformed, 3);
  ASSERT_EQ(replies.size(), 2);
  EXPECT_NE(replies[0].find("JUMP"), std::string::npos);
  EXPECT_NE(replies[1].find("params.t_s"), std::string::npos);
  ask(trigger(), 6);
  EXPECT_EQ(handler.asked().size(), 1) << "and it goes on";
}

TEST_F(CommandServiceTest, AHandlerThatThrowsIsAnAnswerToo) {
  handler.answer = [](const Command&) -> CommandResult { throw std::runtime_error("a bug"); };
  ask(trigger(), 1);
  ASSERT_EQ(replies.size(), 1);
  EXPECT_NE(replies[0].find("a bug"), std::string::npos);
  EXPECT_EQ(service.counts().failed, 1);
}

TEST_F(CommandServiceTest, ADuplicateOfWhatIsBeingDoneIsAnsweredByIt) {
  handler.answer = [this](const Command&) {
    if (handler.asked().size() == 1) {
      ask(trigger(), 1);  // while the first is being done
    }
    return CommandResult(CommandValue{});
  };
  ask(trigger(), 1);
  EXPECT_EQ(handler.asked().size(), 1);
  EXPECT_EQ(replies.size(), 1);
}

TEST_F(CommandServiceTest, ARobotsNameIsPartOfATopic) {
  EXPECT_THROW(CommandService(bus, "a b", handler), LogicError);
}

TEST(CommandServiceRemoteTest, TheTransportsThreadDoesNotWaitForTheHandler) {
  bus::MemoryNetwork memory;
  bus::Bus robot_bus;
  bus::Bus desk_bus;
  robot_bus.add(memory.join("robot"));
  desk_bus.add(memory.join("desk"));
  std::atomic<bool> go{false};
  FakeHandler handler;
  handler.answer = [&](const Command&) -> CommandResult {
    while (!go) {
      std::this_thread::yield();
    }
    return CommandValue{};
  };
  CommandService service(robot_bus, "follower", handler);
  CommandRouter router(desk_bus, "desk");
  EXPECT_TRUE(router.post("follower", trigger()));  // this network delivers inside the publish: it returns all the same
  EXPECT_TRUE(router.post("follower", trigger()));
  go = true;
  while (service.counts().done < 2) {
    std::this_thread::yield();
  }
}

TEST(CommandServiceRemoteTest, ManyClientsComeAndGoAndWhatIsKeptOfThemIsBounded) {
  bus::MemoryNetwork memory;
  bus::Bus robot_bus;
  robot_bus.add(memory.join("robot"));
  FakeHandler handler;
  CommandService service(robot_bus, "follower", handler, {.memory = {.clients = 3, .answers = 2}, .reply_topics = 2});
  const auto endpoints = [&] {  // of the owner, as others see them
    return robot_bus.transports().at(0)->graph().endpoints.size();
  };
  for (int i = 0; i < 12; ++i) {
    bus::Bus desk_bus;
    desk_bus.add(memory.join("desk" + std::to_string(i)));
    CommandRouter router(desk_bus, "desk" + std::to_string(i));
    EXPECT_TRUE(router.request("follower", trigger(), {.timeout_s = 60.0}));
    EXPECT_LE(endpoints(), 1 + 2 + 2) << "its commands, two ways back, and what the client has";
  }
  EXPECT_EQ(handler.asked().size(), 12);
}

TEST(CommandServiceRemoteTest, ALinkThatIsCutAndRestoredCarriesTheNextRequest) {
  bus::MemoryNetwork memory;
  bus::Bus robot_bus;
  bus::Bus desk_bus;
  robot_bus.add(memory.join("robot"));
  desk_bus.add(memory.join("desk"));
  FakeHandler handler;
  CommandService service(robot_bus, "follower", handler);
  CommandRouter router(desk_bus, "desk");
  EXPECT_TRUE(router.request("follower", trigger(), {.timeout_s = 60.0}));
  memory.cut("robot", "desk");
  EXPECT_EQ(router.request("follower", trigger(), {.timeout_s = 0.01}).error().kind, NoValue::kNobody);
  memory.restore("robot", "desk");
  EXPECT_TRUE(router.request("follower", trigger(), {.timeout_s = 60.0}));
  EXPECT_EQ(handler.asked().size(), 2) << "what was said into the cut is not done later";
}

}  // namespace
}  // namespace takt::teleop::replay
