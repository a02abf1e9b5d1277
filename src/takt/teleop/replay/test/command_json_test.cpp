#include "takt/teleop/replay/command_json.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace takt::teleop::replay {
namespace {

std::optional<CommandAction> nobody(const std::string& /*client*/, std::uint64_t /*corr*/) {
  return std::nullopt;
}
AskedFor asked(CommandAction action) {
  return [action](const std::string&, std::uint64_t) { return action; };
}

TrajectoryColumns wave() {
  return {.name = "wave", .robot = "so101", .joints = {"pan"}, .t_ns = {0, 10}, .q_rad = {{0.1, 0.2}}};
}

CommandRequest trigger() {
  CommandRequest request{.address = {.reply_to = "/desk/reply", .corr = 7, .client = "desk-1"}};
  request.command.action = CommandAction::kTriggerReplay;
  request.command.params.trajectories = {{.name = "pick"}, {.name = "wave", .shipped = wave()}};
  request.command.params.loop = true;
  request.command.params.speed = -0.5;
  request.command.params.from_s = 1.25;
  return request;
}

TEST(CommandJsonTest, ARequestIsTheDocumentsObject) {
  CommandRequest request{.address = {.reply_to = "/orch/reply", .corr = 3, .client = ""}};
  request.command.action = CommandAction::kGetReplayAction;
  EXPECT_EQ(encode(request), R"({"action":"GET_REPLAY_ACTION","params":{},"reply_to":"/orch/reply","corr":3})");
  request.command = {.action = CommandAction::kSeek, .params = {.t_s = 2.5}};
  request.address = {.client = "desk-1"};
  EXPECT_EQ(encode(request), R"({"action":"SEEK","params":{"t_s":2.5},"client":"desk-1"})");
}

TEST(CommandJsonTest, ARequestComesBackAsItWas) {
  const auto back = decode_request(encode(trigger()));
  ASSERT_TRUE(back) << back.error().why;
  EXPECT_EQ(*back, trigger());
}

TEST(CommandJsonTest, ARequestOfTheDocumentsOwnClientIsRead) {
  const auto read = decode_request(R"({"action": "STOP_REPLAY", "params": {}, "reply_to": "/orch/reply", "corr": 12})");
  ASSERT_TRUE(read) << read.error().why;
  EXPECT_EQ(read->command.action, CommandAction::kStopReplay);
  EXPECT_EQ(read->address, (ReplyAddress{.reply_to = "/orch/reply", .corr = 12, .client = ""}));
  EXPECT_TRUE(decode_request(R"({"action":"STATUS"})")) << "nobody answers, and no parameters";
  EXPECT_TRUE(decode_request(R"({"action":"STATUS","params":null,"reply_to":null,"corr":null,"client":null,"new":1})"));
}

std::string why(const std::string& text) {
  const auto read = decode_request(text);
  return read ? "" : read.error().why;
}

TEST(CommandJsonTest, WhatIsNoRequestIsRefusedWithTheReason) {
  EXPECT_NE(why(""), "");
  EXPECT_NE(why("[]"), "");
  EXPECT_NE(why("\xff\xfe"), "");
  EXPECT_NE(why("{"), "");
  EXPECT_EQ(why("{}"), "action: missing, or no text");
  EXPECT_EQ(why(R"({"action":7})"), "action: missing, or no text");
  EXPECT_EQ(why(R"({"action":"JUMP"})"), R"(action: "JUMP" is none)");
  EXPECT_EQ(why(R"({"action":"A\nB"})"), R"(action: "A\nB" is none)") << "in one line";
  EXPECT_EQ(why(R"({"action":"SEEK","params":[]})"), "params: not an object");
  EXPECT_NE(why(R"({"action":"SEEK","params":{"t_s":"soon"}})").find("params.t_s"), std::string::npos);
  EXPECT_NE(why(R"({"action":"SEEK","params":{"t_s":"nan"}})").find("finite"), std::string::npos);
  EXPECT_NE(why(R"({"action":"SPEED","params":{"speed":"inf"}})").find("finite"), std::string::npos);
  EXPECT_NE(why(R"({"action":"RESUME","params":{"lease_s":0}})").find("lease_s"), std::string::npos);
  EXPECT_NE(why(R"({"action":"RESUME","params":{"lease_s":60}})").find("lease_s"), std::string::npos);
  EXPECT_NE(why(R"({"action":"GOTO_TRAJECTORY","params":{"to":"middle"}})").find("params.to"), std::string::npos);
  EXPECT_NE(why(R"({"action":"TRIGGER_REPLAY","params":{"trajectories":[1]}})").find("trajectories[0]"),
            std::string::npos);
  EXPECT_EQ(why(R"({"action":"STATUS","reply_to":"/desk/reply"})"), "corr: missing, and a reply is wanted");
  EXPECT_NE(why(R"({"action":"STATUS","corr":0})").find("corr"), std::string::npos);
  EXPECT_NE(why(R"({"action":"STATUS","corr":-1})").find("corr"), std::string::npos);
  EXPECT_NE(why(R"({"action":"STATUS","client":")" + std::string(200, 'x') + "\"}").find("client"), std::string::npos);
}

TEST(CommandJsonTest, RepliesGoToReplyTopicsOnly) {
  for (const char* topic : {"/follower/action", "desk/reply", "/desk/reply/", "/desk//reply", "/a b/reply", "7"}) {
    const auto read = decode_request(std::string(R"({"action":"STATUS","corr":1,"reply_to":")") + topic + "\"}");
    ASSERT_FALSE(read) << topic;
    EXPECT_EQ(read.error().address, ReplyAddress{}) << "it is not told where it must not be told";
  }
}

TEST(CommandJsonTest, WhoAsksForNothingKnownIsToldSo) {
  const auto read = decode_request(R"({"action":"JUMP","reply_to":"/desk/reply","corr":4,"client":"desk-1"})");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().address, (ReplyAddress{.reply_to = "/desk/reply", .corr = 4, .client = "desk-1"}));
}

TEST(CommandJsonTest, TextsThatAreTooLongAreRefusedUnread) {
  EXPECT_NE(why(std::string(kMaxCommandBytes + 1, ' ')).find("at most"), std::string::npos);
}

CommandReply back_and_forth(CommandAction action, const CommandResult& result) {
  const auto back = decode_reply(encode({.client = "desk-1", .corr = 9, .result = result}), asked(action));
  EXPECT_TRUE(back) << back.error().why;
  EXPECT_TRUE(*back);
  EXPECT_EQ((*back)->client, "desk-1");
  EXPECT_EQ((*back)->corr, 9);
  return **back;
}

TEST(CommandJsonTest, EveryKindOfValueComesBackAsItWas) {
  EXPECT_EQ(back_and_forth(CommandAction::kStopReplay, CommandValue{}).result, CommandValue{});
  EXPECT_EQ(back_and_forth(CommandAction::kTriggerReplay, CommandValue{std::uint64_t{300}}).result,
            CommandValue{std::uint64_t{300}});
  EXPECT_EQ(back_and_forth(CommandAction::kTriggerReplay, CommandValue{wave()}).result, CommandValue{wave()});
  EXPECT_EQ(back_and_forth(CommandAction::kGetTrajectoryFrames, CommandValue{wave()}).result, CommandValue{wave()});
  messages::RobotState state;
  state.joint_positions = {0.1, -0.2};
  state.trace_id = 77;
  EXPECT_EQ(back_and_forth(CommandAction::kGetReplayAction, CommandValue{state}).result, CommandValue{state});
  EXPECT_EQ(back_and_forth(CommandAction::kGetReplayAction, CommandValue{}).result, CommandValue{});
  ReplayStatus status{.played_by = "desk-1", .q_rad = {0.5}};
  status.twin.phase = TwinPhase::kPlaying;
  status.twin.playhead_s = 0.1;
  status.twin.a_s = 1.5;
  EXPECT_EQ(back_and_forth(CommandAction::kStatus, CommandValue{status}).result, CommandValue{status});
  const std::vector<TrajectoryItem> items{{.name = "pick", .frames = 300, .duration_s = 9.97}};
  EXPECT_EQ(back_and_forth(CommandAction::kList, CommandValue{items}).result, CommandValue{items});
}

TEST(CommandJsonTest, ARefusalComesBackWithItsWords) {
  const auto reply = back_and_forth(CommandAction::kTriggerReplay, Unexpected<std::string>("its arm is \"away\""));
  ASSERT_FALSE(reply.result);
  EXPECT_EQ(reply.result.error(), "its arm is \"away\"");
}

TEST(CommandJsonTest, AReplyThatNobodyWaitsForIsNotLookedInto) {
  const auto reply = decode_reply(R"({"corr":4,"client":"desk-1","value":{"anything":[]}})", nobody);
  ASSERT_TRUE(reply);
  EXPECT_FALSE(*reply);
}

TEST(CommandJsonTest, AReplyOfTheWrongKindIsNone) {
  const auto is_bad = [](CommandAction action, const std::string& value) {
    return !decode_reply(R"({"corr":4,"value":)" + value + "}", asked(action));
  };
  EXPECT_TRUE(is_bad(CommandAction::kTriggerReplay, "\"many\""));
  EXPECT_TRUE(is_bad(CommandAction::kTriggerReplay, "-3"));
  EXPECT_TRUE(is_bad(CommandAction::kStatus, "[]"));
  EXPECT_TRUE(is_bad(CommandAction::kStatus, R"({"twin":{"phase":"flying"}})"));
  EXPECT_TRUE(is_bad(CommandAction::kList, "{}"));
  EXPECT_FALSE(decode_reply(R"({"corr":4})", asked(CommandAction::kStatus)));
  EXPECT_FALSE(decode_reply(R"({"value":null})", asked(CommandAction::kStopReplay))) << "to what?";
  const auto bad = decode_reply(R"({"corr":4,"value":"x"})", asked(CommandAction::kStatus));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().address.corr, 4) << "who waits for it is told";
}

TEST(CommandJsonTest, OnePlaceOfATextSpoiledIsAnErrorOrAnotherRequestButNeverMore) {
  const std::string text = encode(trigger());
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    std::string spoiled = text;
    spoiled[random() % spoiled.size()] = static_cast<char>(random() % 256);
    const auto read = decode_request(spoiled);
    if (read) {  // then it is a request like any other
      EXPECT_EQ(decode_request(encode(*read)).value(), *read);
    } else {
      EXPECT_FALSE(read.error().why.empty());
      EXPECT_EQ(read.error().why.find('\n'), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace takt::teleop::replay
