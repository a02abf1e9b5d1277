#include "takt/teleop/replay/command_router.hpp"

#include <atomic>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"
#include "takt/teleop/replay/command_service.hpp"
#include "takt/teleop/replay/test/fake_handler.hpp"
#include "takt/teleop/replay/test/two_hosts.hpp"

namespace takt::teleop::replay {
namespace {

using namespace std::chrono_literals;
using std_msgs::String;
using test::FakeHandler;
using test::trigger;
using test::TwoHosts;

constexpr Patience kLong{.timeout_s = 60.0, .resend_after_s = 60.0};  // what is answered is answered long before
constexpr Patience kShort{.timeout_s = 0.02, .resend_after_s = 0.01};

TEST(CommandRouterTest, InOneProcessTheAnswerIsThereWhenThePublishReturns) {
  bus::Bus bus;
  FakeHandler handler;
  CommandService service(bus, "follower", handler);
  CommandRouter router(bus, "desk");
  const RequestResult value = router.request("follower", trigger(), {.timeout_s = 0.0});  // it waits for nothing
  ASSERT_TRUE(value) << value.error().text;
  EXPECT_EQ(*value, CommandValue{std::uint64_t{1}});
  ASSERT_EQ(handler.asked().size(), 1);
  EXPECT_EQ(handler.asked()[0].thread, std::this_thread::get_id());
  EXPECT_EQ(handler.asked()[0].caller.client, router.client_id());
  EXPECT_FALSE(handler.asked()[0].caller.remote);
}

TEST(CommandRouterTest, BeyondTheProcessTheCallerWaitsAndTheOwnersThreadDoesIt) {
  TwoHosts network;
  FakeHandler handler;
  CommandService service(network.robot_bus, "follower", handler);
  CommandRouter router(network.desk_bus, "desk");
  const RequestResult value = router.request("follower", trigger(), kLong);
  ASSERT_TRUE(value) << value.error().text;
  EXPECT_EQ(*value, CommandValue{std::uint64_t{1}});
  EXPECT_NE(handler.asked()[0].thread, std::this_thread::get_id());
  EXPECT_TRUE(handler.asked()[0].caller.remote);
}

TEST(CommandRouterTest, NumbersCountFromOneAndRise) {
  bus::Bus bus;
  std::vector<std::uint64_t> numbers;
  const auto heard = bus.topic<String>("/follower/cmd").subscribe("test", [&](const String& text) {
    numbers.push_back(decode_request(text.data).value().address.corr);
  });
  CommandRouter router(bus, "desk");
  for (int i = 0; i < 3; ++i) {
    static_cast<void>(router.request("follower", {}, {.timeout_s = 0.0}));
  }
  EXPECT_EQ(numbers, (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST(CommandRouterTest, TheReplyTopicIsSubscribedOnce) {
  bus::Bus bus;
  FakeHandler handler;
  CommandService service(bus, "follower", handler);
  CommandRouter router(bus, "desk");
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(router.request("follower", {.action = CommandAction::kStopReplay}));
  }
  for (const auto& topic : bus.topics()) {
    EXPECT_EQ(topic.subscribers, 1) << topic.name;
  }
}

TEST(CommandRouterTest, RepliesThatAreLateUnknownOrAnothersAreIgnored) {
  bus::Bus bus;
  auto& replies = bus.topic<String>("/desk/reply");
  CommandRouter router(bus, "desk");
  const auto reply = [&](const std::string& client, std::uint64_t corr, std::uint64_t value) {
    replies.publish(String{.data = encode({.client = client, .corr = corr, .result = CommandValue{value}})});
  };
  // The owner answers others' questions, then this one, then once more.
  const auto heard = bus.topic<String>("/follower/cmd").subscribe("test", [&](const String& text) {
    const std::uint64_t corr = decode_request(text.data).value().address.corr;
    reply(router.client_id(), corr + 1, 1);
    reply("desk-of another", corr, 2);
    reply(router.client_id(), corr, 3);
    reply(router.client_id(), corr, 4);
  });
  const RequestResult value = router.request("follower", trigger(), kLong);
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, CommandValue{std::uint64_t{3}});
  reply(router.client_id(), 1, 5);
  replies.publish(String{.data = "no reply at all"});
  EXPECT_EQ(router.counts().replies, 1);
  EXPECT_EQ(router.counts().ignored, 4);
  EXPECT_EQ(router.counts().malformed, 1);
}

TEST(CommandRouterTest, AReplyThatDoesNotSayWhoseItIsCountsByItsNumber) {
  bus::Bus bus;
  CommandRouter router(bus, "desk");
  const auto heard = bus.topic<String>("/follower/cmd").subscribe("test", [&](const String&) {
    bus.topic<String>("/desk/reply").publish(String{.data = R"({"corr":1,"value":300})"});
  });
  EXPECT_EQ(router.request("follower", trigger(), kLong).value(), CommandValue{std::uint64_t{300}});
}

TEST(CommandRouterTest, WhereNobodyIsThereItSaysSo) {
  bus::Bus bus;
  CommandRouter router(bus, "desk");
  const RequestResult value = router.request("follower", trigger(), kShort);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().kind, NoValue::kNobody);
  EXPECT_NE(value.error().text.find("nobody on this bus owns 'follower'"), std::string::npos);
}

TEST(CommandRouterTest, WhereNobodyIsFoundItDoesNotWaitForAnAnswer) {
  bus::Bus bus;
  CommandRouter router(bus, "desk");
  const Patience patience{.timeout_s = 3600.0, .resend_after_s = 0.01, .find_s = 0.02};
  EXPECT_EQ(router.request("follower", trigger(), patience).error().kind, NoValue::kNobody);
  async::EventLoop loop;
  const auto app = [&]() -> async::Task<void> {
    const RequestResult value = co_await router.request_async("follower", trigger(), patience);
    EXPECT_EQ(value.error().kind, NoValue::kNobody);
  };
  loop.run(app());
}

TEST(CommandRouterTest, WhatIsTooLongForAnyOwnerIsRefusedAtOnceAndNotSaid) {
  TwoHosts network;
  FakeHandler handler;
  const CommandService service(network.robot_bus, "follower", handler);
  CommandRouter router(network.desk_bus, "desk");
  Command command = trigger();
  command.params.trajectories = {{.name = std::string(kMaxCommandBytes, 'x')}};
  const Patience patience{.timeout_s = 3600.0, .resend_after_s = 3600.0};
  const auto expect_refused = [](const RequestResult& value) {
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().kind, NoValue::kTooLong);
    EXPECT_NE(value.error().text.find("belongs into the owner's library"), std::string::npos) << value.error().text;
  };
  expect_refused(router.request("follower", command, patience));
  async::EventLoop loop;
  const auto app = [&]() -> async::Task<void> {
    expect_refused(co_await router.request_async("follower", command, patience));
  };
  loop.run(app());
  EXPECT_FALSE(router.post("follower", command));
  EXPECT_TRUE(router.request("follower", trigger(), kLong));
  EXPECT_EQ(handler.asked().size(), 1);
  EXPECT_EQ(service.counts().malformed, 0);
}

TEST(CommandRouterTest, WhereNobodyAnswersItSaysSoAndTheLateAnswerIsIgnored) {
  TwoHosts network;
  FakeHandler handler;
  std::atomic<bool> go{false};
  handler.answer = [&](const Command&) -> CommandResult {
    while (!go) {
      std::this_thread::yield();
    }
    return CommandValue{};
  };
  CommandService service(network.robot_bus, "follower", handler);
  CommandRouter router(network.desk_bus, "desk");
  RequestResult value;
  do {  // on a busy machine its time may be over before it was said at all
    value = router.request("follower", trigger(), {.timeout_s = 0.2});
    ASSERT_FALSE(value);
  } while (value.error().kind == NoValue::kNobody);
  EXPECT_EQ(value.error().kind, NoValue::kNoReply);
  go = true;
  while (router.counts().ignored == 0) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(router.request("follower", trigger(), kLong)) << "the next is answered";
}

TEST(CommandRouterTest, ARefusalHasTheOwnersWords) {
  bus::Bus bus;
  FakeHandler handler;
  handler.answer = [](const Command&) { return CommandResult(Unexpected<std::string>("it is not at rest")); };
  CommandService service(bus, "follower", handler);
  CommandRouter router(bus, "desk");
  const RequestResult value = router.request("follower", trigger());
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().kind, NoValue::kRefused);
  EXPECT_EQ(value.error().text, "it is not at rest");
}

TEST(CommandRouterTest, AnAnswerOfTheWrongKindIsSaidToBeNone) {
  bus::Bus bus;
  FakeHandler handler;  // a number, where a status is wanted
  CommandService service(bus, "follower", handler);
  CommandRouter router(bus, "desk");
  const RequestResult value = router.request("follower", {.action = CommandAction::kStatus}, kShort);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().kind, NoValue::kBadReply);
}

TEST(CommandRouterTest, ARequestWaitsForAnOwnerThatComesLater) {
  TwoHosts network;
  FakeHandler handler;
  CommandRouter router(network.desk_bus, "desk");
  RequestResult value;
  std::jthread asking([&] { value = router.request("follower", trigger(), kLong); });
  while (router.counts().requests == 0) {
    std::this_thread::yield();
  }
  CommandService service(network.robot_bus, "follower", handler);
  asking.join();
  ASSERT_TRUE(value) << value.error().text;
  EXPECT_EQ(handler.asked().size(), 1);
}

TEST(CommandRouterTest, WhatWasLostIsSaidAgainAndDoneOnce) {
  std::atomic<int> messages{0};  // every third is lost: requests and replies
  bus::MemoryNetwork memory({.lose = {}, .carry = [&](const std::function<void()>& deliver) {
                               if (messages++ % 3 != 0) {
                                 deliver();
                               }
                             }});
  FakeHandler handler;
  bus::Bus robot_bus;
  bus::Bus desk_bus;
  robot_bus.add(memory.join("robot"));
  desk_bus.add(memory.join("desk"));
  CommandService service(robot_bus, "follower", handler);
  CommandRouter router(desk_bus, "desk");
  for (int i = 1; i <= 10; ++i) {
    const RequestResult value = router.request("follower", trigger(), {.timeout_s = 60.0, .resend_after_s = 0.001});
    ASSERT_TRUE(value) << value.error().text;
    EXPECT_EQ(*value, CommandValue{static_cast<std::uint64_t>(i)});
  }
  EXPECT_EQ(handler.asked().size(), 10);
}

TEST(CommandRouterTest, AReplyThatIsSaidBeforeItsReaderIsFoundArrivesAllTheSame) {
  std::deque<std::function<void()>> on_the_way;  // nothing arrives by itself
  std::mutex mutex;
  bus::MemoryNetwork memory({.lose = {}, .carry = [&](std::function<void()> deliver) {
                               const std::scoped_lock lock(mutex);
                               on_the_way.push_back(std::move(deliver));
                             }});
  FakeHandler handler;
  bus::Bus robot_bus;
  bus::Bus desk_bus;
  robot_bus.add(memory.join("robot"));
  desk_bus.add(memory.join("desk"));
  CommandService service(robot_bus, "follower", handler);
  CommandRouter router(desk_bus, "desk");
  std::jthread carrier([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::function<void()> next;
      {
        const std::scoped_lock lock(mutex);
        if (!on_the_way.empty()) {
          next = std::move(on_the_way.front());
          on_the_way.pop_front();
        }
      }
      next ? next() : std::this_thread::yield();
    }
  });
  EXPECT_TRUE(router.request("follower", trigger(), kLong));
}

TEST(CommandRouterTest, ManyThreadsAskAtOnceAndEachGetsItsAnswer) {
  TwoHosts network;
  FakeHandler handler;
  handler.answer = [](const Command& command) {
    return CommandResult(CommandValue{static_cast<std::uint64_t>(command.params.frames)});
  };
  CommandService service(network.robot_bus, "follower", handler);
  CommandRouter router(network.desk_bus, "desk");
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&router, thread] {
      for (int i = 0; i < 50; ++i) {
        const std::int64_t mark = 1000 * thread + i;
        Command command = trigger();
        command.params.frames = mark;
        const RequestResult value = router.request("follower", command, kLong);
        ASSERT_TRUE(value) << value.error().text;
        EXPECT_EQ(*value, CommandValue{static_cast<std::uint64_t>(mark)});
      }
    });
  }
  threads.clear();
  EXPECT_EQ(handler.asked().size(), 200);
  EXPECT_EQ(router.counts().ignored, 0);
}

TEST(CommandRouterTest, APostWantsNoAnswer) {
  TwoHosts network;
  FakeHandler handler;
  CommandRouter router(network.desk_bus, "desk");
  EXPECT_FALSE(router.post("follower", {.action = CommandAction::kRenew})) << "nobody hears it";
  CommandService service(network.robot_bus, "follower", handler);
  EXPECT_TRUE(router.post("follower", {.action = CommandAction::kRenew}));
  while (handler.asked().empty()) {
    std::this_thread::yield();
  }
  EXPECT_EQ(handler.asked()[0].caller.client, router.client_id());
  EXPECT_EQ(service.counts().one_way, 1);
  EXPECT_TRUE(router.request("follower", trigger(), kLong)) << "after it";
  EXPECT_EQ(router.counts().replies, 1);
}

TEST(CommandRouterTest, ATaskAsksAndItsLoopGoesOn) {
  TwoHosts network;
  FakeHandler handler;
  std::atomic<bool> go{false};
  handler.answer = [&](const Command&) -> CommandResult {
    while (!go) {
      std::this_thread::yield();
    }
    return CommandValue{std::uint64_t{300}};
  };
  CommandService service(network.robot_bus, "follower", handler);
  CommandRouter router(network.desk_bus, "desk");
  async::EventLoop loop;
  const auto release = [&]() -> async::Task<void> {
    co_await async::sleep_for(1ms);
    go = true;
  };
  const auto app = [&]() -> async::Task<void> {
    const auto body = [&](async::Nursery& nursery) -> async::Task<async::Join> {
      nursery.start("release", release());
      const RequestResult value = co_await router.request_async("follower", trigger(), kLong);
      EXPECT_TRUE(value) << value.error().text;
      EXPECT_EQ(*value, CommandValue{std::uint64_t{300}});
      co_return async::kJoin;
    };
    co_await async::with_nursery(body);
  };
  loop.run(app());
}

TEST(CommandRouterTest, ATaskInTheOwnersProcessIsNotHeldUpByTheHandler) {
  bus::Bus bus;
  FakeHandler handler;
  CommandService service(bus, "follower", handler);
  CommandRouter router(bus, "desk");
  async::EventLoop loop;
  const auto app = [&]() -> async::Task<void> {
    EXPECT_TRUE(co_await router.request_async("follower", trigger(), kLong));
  };
  loop.run(app());
  EXPECT_NE(handler.asked().at(0).thread, std::this_thread::get_id());
}

TEST(CommandRouterTest, ATaskThatIsCancelledWaitsNoMoreAndTheAnswerIsIgnored) {
  TwoHosts network;
  FakeHandler handler;
  std::atomic<bool> go{false};
  handler.answer = [&](const Command&) -> CommandResult {
    while (!go) {
      std::this_thread::yield();
    }
    return CommandValue{};
  };
  CommandService service(network.robot_bus, "follower", handler);
  CommandRouter router(network.desk_bus, "desk");
  async::EventLoop loop;
  const auto app = [&]() -> async::Task<void> {
    while (handler.asked().empty()) {  // on a busy machine it may be cancelled before it was said at all
      const auto value = co_await async::with_timeout(10ms, router.request_async("follower", trigger(), kLong));
      EXPECT_FALSE(value) << "it was cancelled";
    }
  };
  loop.run(app());
  go = true;
  while (router.counts().ignored == 0) {
    std::this_thread::yield();
  }
}

TEST(CommandRouterTest, ATaskLooksForItsRobotAsLongAsItShallWhoeverElseIsFound) {
  TwoHosts network;
  FakeHandler handler;
  CommandRouter router(network.desk_bus, "desk");
  EXPECT_FALSE(router.post("elbow", {.action = CommandAction::kRenew})) << "nobody hears it";
  std::optional<CommandService> follower;
  async::EventLoop loop;
  const auto appear = [&]() -> async::Task<void> {
    co_await async::sleep_for(1ms);
    for (int i = 0; i < 20; ++i) {
      const CommandService another(network.robot_bus, "elbow", handler);
      co_await async::sleep_for(1ms);
    }
    follower.emplace(network.robot_bus, "follower", handler);
  };
  const auto app = [&]() -> async::Task<void> {
    const auto body = [&](async::Nursery& nursery) -> async::Task<async::Join> {
      nursery.start("appear", appear());
      const Patience patience{.timeout_s = 60.0, .resend_after_s = 20.0, .find_s = 60.0};
      const RequestResult value = co_await router.request_async("follower", trigger(), patience);
      EXPECT_TRUE(value) << value.error().text;
      co_return async::kJoin;
    };
    co_await async::with_nursery(body);
  };
  loop.run(app());
}

TEST(CommandRouterTest, ATaskIsToldThatNobodyIsThere) {
  bus::Bus bus;
  CommandRouter router(bus, "desk");
  async::EventLoop loop;
  const auto app = [&]() -> async::Task<void> {
    const RequestResult value = co_await router.request_async("follower", trigger(), kShort);
    EXPECT_FALSE(value);
    EXPECT_EQ(value.error().kind, NoValue::kNobody);
  };
  loop.run(app());
}

TEST(CommandRouterTest, RoutersOfOneNameHearOnlyTheirOwnAnswers) {
  TwoHosts network;
  FakeHandler handler;
  CommandService service(network.robot_bus, "follower", handler);
  CommandRouter one(network.desk_bus, "desk");
  CommandRouter other(network.desk_bus, "desk");
  EXPECT_NE(one.client_id(), other.client_id());
  EXPECT_EQ(one.request("follower", trigger(), kLong).value(), CommandValue{std::uint64_t{1}});
  EXPECT_EQ(other.request("follower", trigger(), kLong).value(), CommandValue{std::uint64_t{2}});
  EXPECT_EQ(handler.asked().size(), 2) << "the same number, but not the same client";
}

TEST(CommandRouterTest, AClientsNameIsPartOfATopic) {
  bus::Bus bus;
  EXPECT_THROW(CommandRouter(bus, "a b"), LogicError);
  EXPECT_THROW(CommandRouter(bus, ""), LogicError);
}

}  // namespace
}  // namespace takt::teleop::replay
