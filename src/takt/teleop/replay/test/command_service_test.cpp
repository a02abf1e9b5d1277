#include "takt/teleop/replay/command_service.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/messages/packages/std_msgs.hpp"
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
  EXPECT_TRUE(replies.empty()) << "it was done, so to refuse it would be a lie";
  ask({.action = CommandAction::kStopReplay}, 1);
  EXPECT_EQ(handler.asked().size(), 11) << "to stop is never too late";
  EXPECT_EQ(replies.size(), 1);
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

TEST(CommandServiceBoundsTest, NamesThatSomebodyInventsDoNotMakeItDoARequestTwice) {
  bus::Bus bus;
  FakeHandler handler;
  const CommandService service(bus, "follower", handler, {.memory = {.clients = 3}});
  std::string reply;
  const auto heard = bus.topic<String>("/desk/reply").subscribe("test", [&](const String& text) { reply = text.data; });
  const auto ask = [&](const std::string& client, const Command& command) {
    const CommandRequest request{.address = {.reply_to = "/desk/reply", .corr = 1, .client = client},
                                 .command = command};
    bus.topic<String>("/follower/cmd").publish(String{.data = encode(request)});
  };
  ask("desk", trigger());
  for (int i = 0; i < 10; ++i) {
    ask("invented-" + std::to_string(i), trigger());
  }
  EXPECT_NE(reply.find("too many clients"), std::string::npos);
  EXPECT_EQ(handler.asked().size(), 3);
  ask("desk", trigger());
  EXPECT_EQ(handler.asked().size(), 3) << "it was done before";
  ask("newcomer", {.action = CommandAction::kStopReplay});
  EXPECT_EQ(handler.asked().size(), 4) << "to stop, everybody is welcome";
}

}  // namespace
}  // namespace takt::teleop::replay
