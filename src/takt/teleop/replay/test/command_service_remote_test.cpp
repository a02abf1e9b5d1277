#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "takt/bus/memory_transport.hpp"
#include "takt/core/error.hpp"
#include "takt/teleop/replay/command_router.hpp"
#include "takt/teleop/replay/command_service.hpp"
#include "takt/teleop/replay/internal/text_topic.hpp"
#include "takt/teleop/replay/test/fake_handler.hpp"
#include "takt/teleop/replay/test/two_hosts.hpp"

namespace takt::teleop::replay {
namespace {

using test::FakeHandler;
using test::trigger;
using test::TwoHosts;

TEST(CommandServiceRemoteTest, TheTransportsThreadDoesNotWaitForTheHandler) {
  TwoHosts hosts;
  std::atomic<bool> go{false};
  FakeHandler handler;
  handler.answer = [&](const Command&) -> CommandResult {
    while (!go) {
      std::this_thread::yield();
    }
    return CommandValue{};
  };
  CommandService service(hosts.robot_bus, "follower", handler);
  CommandRouter router(hosts.desk_bus, "desk");
  EXPECT_TRUE(router.post("follower", trigger()));  // this network delivers inside the publish: it returns all the same
  EXPECT_TRUE(router.post("follower", trigger()));
  go = true;
  while (service.counts().done < 2) {
    std::this_thread::yield();
  }
}

/// An owner whose handler takes long over TRIGGER_REPLAY and LIST, and a client on another host.
class BusyOwnerTest : public ::testing::Test, protected TwoHosts {
 protected:
  BusyOwnerTest() {
    handler.answer = [this](const Command& command) -> CommandResult {
      using enum CommandAction;
      const bool takes_long = command.action == kTriggerReplay || command.action == kList;
      busy = busy || takes_long;
      while (takes_long && !go) {
        std::this_thread::yield();
      }
      return CommandValue{};
    };
    service.emplace(robot_bus, "follower", handler, CommandService::Options{.waiting = 2});
    router.emplace(desk_bus, "desk");
  }
  ~BusyOwnerTest() override { go = true; }

  void post(CommandAction action) { EXPECT_TRUE(router->post("follower", {.action = action})); }
  void occupy() {
    EXPECT_TRUE(router->post("follower", trigger()));
    while (!busy) {
      std::this_thread::yield();
    }
  }
  [[nodiscard]] std::vector<CommandAction> done(std::size_t count) {
    while (handler.asked().size() < count) {
      std::this_thread::yield();
    }
    std::vector<CommandAction> actions;
    for (const FakeHandler::Asked& asked : handler.asked()) {
      actions.push_back(asked.command.action);
    }
    return actions;
  }

  std::atomic<bool> busy{false};
  std::atomic<bool> go{false};
  FakeHandler handler;
  std::optional<CommandService> service;
  std::optional<CommandRouter> router;
};

TEST_F(BusyOwnerTest, StopPauseRenewAndStatusWaitForNothingThatIsDoneForOthers) {
  using enum CommandAction;
  occupy();
  for (const CommandAction action : {kRenew, kPause, kStopReplay}) {
    post(action);
  }
  EXPECT_EQ(done(4), (std::vector{kTriggerReplay, kRenew, kPause, kStopReplay}));
  const auto stopped = router->request("follower", {.action = kStopReplay}, {.timeout_s = 60.0});
  EXPECT_TRUE(stopped) << stopped.error().text;
}

TEST_F(BusyOwnerTest, TheRestIsDoneInTheOrderInWhichItCame) {
  using enum CommandAction;
  occupy();
  post(kSeek);
  post(kStep);
  post(kRenew);
  EXPECT_EQ(done(2), (std::vector{kTriggerReplay, kRenew}));
  go = true;
  EXPECT_EQ(done(4), (std::vector{kTriggerReplay, kRenew, kSeek, kStep}));
  const auto asked = handler.asked();
  EXPECT_LT(asked[2].caller.received_ns, asked[1].caller.received_ns) << "when it came, not when it was done";
}

TEST_F(BusyOwnerTest, WhoseRequestWaitsIsHeardOfWhenItComes) {
  occupy();
  const std::size_t before = handler.heard_of().size();
  post(CommandAction::kSeek);
  while (handler.heard_of().size() == before) {
    std::this_thread::yield();
  }
  EXPECT_EQ(handler.heard_of().back().client, router->client_id());
  EXPECT_TRUE(handler.heard_of().back().remote);
  EXPECT_EQ(done(1).size(), 1) << "the trigger is still being done";
}

TEST_F(BusyOwnerTest, WhoOnlyLooksHoldsUpNobodyWhoMoves) {
  using enum CommandAction;
  post(kList);
  while (!busy) {
    std::this_thread::yield();
  }
  for (const CommandAction action : {kGotoTrajectory, kSeek, kResume}) {
    EXPECT_TRUE(router->request("follower", {.action = action}, {.timeout_s = 60.0}));
  }
  EXPECT_EQ(done(4), (std::vector{kList, kGotoTrajectory, kSeek, kResume}));
}

TEST_F(BusyOwnerTest, ALargeAnswerIsSaidAgainBesideWhoOnlyLooks) {
  handler.answer = [slow = handler.answer](const Command& command) -> CommandResult {
    if (command.action == CommandAction::kList) {
      return slow(command);
    }
    TrajectoryColumns large;
    large.source = std::string(1U << 20U, 'x');
    return CommandValue{large};
  };
  std::size_t replies = 0;
  internal::TextReceiver hears(desk_bus, "/hand/reply", internal::reply_qos(), [] {});
  internal::TextSender says(desk_bus, "/follower/cmd", internal::request_qos());
  post(CommandAction::kList);
  while (!busy) {
    std::this_thread::yield();
  }
  const CommandRequest request{.address = {.reply_to = "/hand/reply", .corr = 1, .client = "hand-1"},
                               .command = trigger()};
  ASSERT_TRUE(says.send(encode(request)));
  while (replies < 3) {  // the second is said by who has just said the first, or is done with it
    static_cast<void>(says.send(encode(request)));
    replies += hears.take(16, [](const std::string&) {});
    std::this_thread::yield();
  }
  EXPECT_GE(service->counts().repeated, 2);
  EXPECT_EQ(done(2), (std::vector{CommandAction::kList, CommandAction::kTriggerReplay}));
  EXPECT_FALSE(go) << "while the list still hangs";
}

TEST_F(BusyOwnerTest, WhoOnlyLooksWaitsForNobodyWhoMoves) {
  occupy();
  EXPECT_TRUE(router->request("follower", {.action = CommandAction::kGetTrajectoryFrames}, {.timeout_s = 60.0}));
}

TEST_F(BusyOwnerTest, ToForgetWhatIsLoadedWaitsButToStopDoesNot) {
  using enum CommandAction;
  occupy();
  EXPECT_TRUE(router->post("follower", {.action = kStopReplay, .params = {.clear = true}}));
  post(kRenew);
  EXPECT_EQ(done(3), (std::vector{kTriggerReplay, kStopReplay, kRenew}));
  EXPECT_FALSE(handler.asked()[1].command.params.clear);
  go = true;
  EXPECT_EQ(done(4), (std::vector{kTriggerReplay, kStopReplay, kRenew, kStopReplay}));
  EXPECT_TRUE(handler.asked()[3].command.params.clear);
}

TEST_F(BusyOwnerTest, WhatCannotWaitForWantOfRoomIsDroppedAndCounted) {
  occupy();
  for (int i = 0; i < 5; ++i) {
    post(CommandAction::kSeek);
  }
  while (service->counts().dropped < 3) {
    std::this_thread::yield();
  }
  go = true;
  EXPECT_EQ(done(3).size(), 3);
  EXPECT_TRUE(router->request("follower", {.action = CommandAction::kSeek}, {.timeout_s = 60.0}));
}

TEST_F(BusyOwnerTest, WhatComesAgainTakesNoRoomAndIsDoneOnce) {
  using enum CommandAction;
  const auto patient = [this](CommandAction action) {
    return std::jthread([this, action] {
      Command command = action == kTriggerReplay ? trigger() : Command{.action = action};
      command.params.clear = action == kStopReplay;
      EXPECT_TRUE(router->request("follower", command, {.timeout_s = 60.0, .resend_after_s = 0.001}));
    });
  };
  {
    const std::jthread first = patient(kTriggerReplay);
    while (!busy) {
      std::this_thread::yield();
    }
    const std::jthread second = patient(kStopReplay);
    while (service->counts().repeated < 50) {
      std::this_thread::yield();
    }
    EXPECT_EQ(done(2), (std::vector{kTriggerReplay, kStopReplay})) << "and stopped once";
    go = true;
  }
  EXPECT_EQ(service->counts().dropped, 0);
  EXPECT_EQ(done(3), (std::vector{kTriggerReplay, kStopReplay, kStopReplay}));
}

TEST_F(BusyOwnerTest, WhatWasDroppedIsNewWhenItComesAgain) {
  occupy();
  post(CommandAction::kSeek);
  post(CommandAction::kSeek);
  {
    const std::jthread dropped([this] {
      EXPECT_TRUE(
          router->request("follower", {.action = CommandAction::kStep}, {.timeout_s = 60.0, .resend_after_s = 0.001}));
    });
    while (service->counts().dropped < 2) {
      std::this_thread::yield();
    }
    go = true;
  }
  EXPECT_EQ(done(4).back(), CommandAction::kStep);
}

TEST(CommandServiceRemoteTest, AnOwnerMayEndWhileALargeAnswerIsBeingSaidAgain) {
  Command large = trigger();
  large.params.trajectories[0].shipped = TrajectoryColumns{.source = std::string(1U << 18U, 'x')};
  const std::string asked = encode(CommandRequest{.address = {.reply_to = "/hand/reply", .corr = 1, .client = "hand-1"},
                                                  .command = std::move(large)});
  for (int round = 0; round < 50; ++round) {
    TwoHosts hosts;
    FakeHandler handler;
    handler.answer = [](const Command&) -> CommandResult {
      return CommandValue{TrajectoryColumns{.source = std::string(1U << 15U, 'x')}};
    };
    std::optional<CommandService> service(std::in_place, hosts.robot_bus, "follower", handler);
    internal::TextSender says(hosts.desk_bus, "/follower/cmd", internal::request_qos());
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(says.send(asked));
    }
    while (service->counts().repeated == 0) {
      std::this_thread::yield();
    }
    service.reset();
    EXPECT_EQ(handler.asked().size(), 1);
  }
}

/// A link on which one topic cannot be said: no room, or another type under its name.
class BrokenLink final : public bus::Transport {
 public:
  BrokenLink(std::shared_ptr<bus::Transport> link, std::string broken)
      : link_(std::move(link)), broken_(std::move(broken)) {}

  [[nodiscard]] std::string scheme() const override { return link_->scheme(); }
  [[nodiscard]] bus::Capabilities capabilities() const noexcept override { return link_->capabilities(); }
  [[nodiscard]] std::unique_ptr<bus::TransportPublisher> advertise(const bus::TopicEndpoint& topic,
                                                                   bus::EndpointEvents events) override {
    if (topic.name == broken_) {
      throw SystemError("no room for " + topic.name);
    }
    return link_->advertise(topic, std::move(events));
  }
  [[nodiscard]] std::unique_ptr<bus::TransportSubscription> subscribe(const bus::TopicEndpoint& topic,
                                                                      bus::EndpointEvents events) override {
    return link_->subscribe(topic, std::move(events));
  }
  [[nodiscard]] std::unique_ptr<bus::TransportClient> client(const bus::ServiceEndpoint& service,
                                                             bus::EndpointEvents events) override {
    return link_->client(service, std::move(events));
  }
  [[nodiscard]] std::unique_ptr<bus::TransportServer> serve(const bus::ServiceEndpoint& service,
                                                            bus::EndpointEvents events) override {
    return link_->serve(service, std::move(events));
  }
  void add_node(const bus::NodeInfo& node) override { link_->add_node(node); }
  void remove_node(const std::string& name) override { link_->remove_node(name); }
  [[nodiscard]] bus::Graph graph() const override { return link_->graph(); }
  void watch_graph(std::function<void()> on_change) override { link_->watch_graph(std::move(on_change)); }

 private:
  std::shared_ptr<bus::Transport> link_;
  std::string broken_;
};

TEST(CommandServiceRemoteTest, WhatFailsForOneClientEndsNeitherTheProcessNorTheOthers) {
  bus::MemoryNetwork memory;
  bus::Bus robot_bus;
  bus::Bus desk_bus;
  robot_bus.add(std::make_shared<BrokenLink>(memory.join("robot"), "/shelf/reply"));
  desk_bus.add(memory.join("desk"));
  FakeHandler handler;
  const auto every = [] { throw std::runtime_error("cannot say how it stands"); };
  CommandService service(robot_bus, "follower", handler, {.every_s = 0.001, .every = every});
  CommandRouter shelf(desk_bus, "shelf");
  CommandRouter desk(desk_bus, "desk");
  for (const CommandAction action : {CommandAction::kSeek, CommandAction::kList}) {  // on either thread
    auto asked = shelf.request("follower", {.action = action}, {.timeout_s = 0.05});
    while (!asked && asked.error().kind == NoValue::kNobody) {  // no time to be heard
      asked = shelf.request("follower", {.action = action}, {.timeout_s = 0.05});
    }
    EXPECT_EQ(asked.error().kind, NoValue::kNoReply);
  }
  while (service.counts().failed < 4) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(desk.request("follower", trigger(), {.timeout_s = 60.0}));
}

TEST(CommandServiceRemoteTest, ManyClientsComeAndGoAndWhatIsKeptOfThemIsBounded) {
  bus::MemoryNetwork memory;
  bus::Bus robot_bus;
  robot_bus.add(memory.join("robot"));
  FakeHandler handler;
  CommandService service(robot_bus, "follower", handler,
                         {.memory = {.clients = 3, .keep_s = 0.0, .answers = 2}, .reply_topics = 2});
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
  TwoHosts hosts;
  FakeHandler handler;
  CommandService service(hosts.robot_bus, "follower", handler);
  CommandRouter router(hosts.desk_bus, "desk");
  EXPECT_TRUE(router.request("follower", trigger(), {.timeout_s = 60.0}));
  hosts.memory.cut("robot", "desk");
  EXPECT_EQ(router.request("follower", trigger(), {.timeout_s = 0.01}).error().kind, NoValue::kNobody);
  hosts.memory.restore("robot", "desk");
  EXPECT_TRUE(router.request("follower", trigger(), {.timeout_s = 60.0}));
  EXPECT_EQ(handler.asked().size(), 2) << "what was said into the cut is not done later";
}

}  // namespace
}  // namespace takt::teleop::replay
