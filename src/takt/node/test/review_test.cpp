// Faults that a review of the node module found: each test fails until its fault is mended.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

#include "takt/core/log.hpp"
#include "takt/messages/cdr.hpp"
#include "takt/messages/packages/rosgraph_msgs.hpp"
#include "takt/node/internal/type_id.hpp"
#include "takt/node/test/action_rig.hpp"
#include "takt/node/test/rig.hpp"

namespace takt::node {
namespace {

using namespace testing;
using ClockMessage = rosgraph_msgs::Clock;

class ReviewTest : public NodesTest {
 protected:
  ReviewTest() { core::set_log_level(core::LogLevel::kOff); }
  ~ReviewTest() override { core::set_log_level(core::LogLevel::kInfo); }
};
INSTANTIATE_TEST_SUITE_P(, ReviewTest, ::testing::Values(Way::kInProcess, Way::kMemory), name_of);

// inlet.hpp: take() keeps its place in the turn, and close() takes the sources away from under it.
TEST_P(ReviewTest, NextOfADestroyedSubscriptionThatHeardItsOwnProcessGivesNothing) {
  Node node("node", near());
  auto numbers = node.subscribe<Number>("/topic");
  auto publisher = node.publisher<Number>("/topic");
  run([&]() -> Task<void> {
    static_cast<void>(publisher.publish({1}));
    EXPECT_TRUE((co_await numbers.next()).has_value());
    node.destroy();
    EXPECT_FALSE((co_await numbers.next()).has_value());
  });
}

// timer.cpp: only a timer that waits hears of a jump back.
TEST_P(ReviewTest, ABackwardJumpDuringACallbackDoesNotSilenceTheTimer) {
  run([&]() -> Task<void> {
    Node simulator("simulator", far());
    Node node("node", near(), {.use_sim_time = true});
    auto clock = simulator.publisher<ClockMessage>("/clock");
    int fired = 0;
    co_await with_node(node, [&]() -> Task<void> {
      co_await sleep_for(1ms);
      static_cast<void>(clock.publish({.clock = {.sec = 100, .nanosec = 0}}));
      co_await sleep_for(1ms);
      node.timer(1s, [&]() -> Task<void> {
        ++fired;
        co_await sleep_for(10ms);
      });
      co_await sleep_for(1ms);
      static_cast<void>(clock.publish({.clock = {.sec = 101, .nanosec = 0}}));
      co_await sleep_for(1ms);
      EXPECT_EQ(fired, 1);
      static_cast<void>(clock.publish({.clock = {.sec = 10, .nanosec = 0}}));
      co_await sleep_for(20ms);
      static_cast<void>(clock.publish({.clock = {.sec = 12, .nanosec = 0}}));
      co_await sleep_for(20ms);
      EXPECT_EQ(fired, 2);
    });
  });
}

// timer.cpp: nor of a change of its source.
TEST_P(ReviewTest, AChangeOfTheSourceDuringACallbackDoesNotSilenceTheTimer) {
  run([&]() -> Task<void> {
    Node simulator("simulator", far());
    Node other("other", near(), {.use_sim_time = true});
    Node node("node", near());
    auto clock = simulator.publisher<ClockMessage>("/clock");
    int fired = 0;
    co_await sleep_for(1000s);  // the loop's time is far ahead of the simulated one
    node.timer(100ms, [&] {
      if (++fired == 1) {
        node.use_sim_time(true);
      }
    });
    co_await with_node(node, other, [&]() -> Task<void> {
      co_await sleep_for(1ms);
      static_cast<void>(clock.publish({.clock = {.sec = 50, .nanosec = 0}}));
      co_await sleep_for(150ms);
      EXPECT_EQ(fired, 1);
      static_cast<void>(clock.publish({.clock = {.sec = 51, .nanosec = 0}}));
      co_await sleep_for(1ms);
      EXPECT_EQ(fired, 2);
    });
  });
}

Task<void> nothing_more() {
  co_return;
}

// subscription_core.hpp, service_core.hpp, timer.cpp, waitable.cpp, action_server_core.hpp: `thrown_by(start(…))`
// evaluates start() outside of what catches.
TEST_P(ReviewTest, AFunctionThatThrowsInsteadOfGivingItsTaskIsAFailureToo) {
  Node talker("talker", near());
  Node node("node", far());
  auto publisher = talker.publisher<Number>("/topic");
  int calls = 0;
  node.subscribe<Number>("/topic",
                         [&](const Number&) {  // no coroutine
                           if (++calls == 1) {
                             throw std::runtime_error("bad");
                           }
                           return nothing_more();
                         },
                         {.on_failure = FailurePolicy::log()});
  int ticks = 0;
  node.timer(10ms,
             [&] {
               if (++ticks == 1) {
                 throw std::runtime_error("bad");
               }
               return nothing_more();
             },
             {.on_failure = FailurePolicy::log()});
  run([&]() -> Task<void> {
    const auto error = co_await outcome(with_node(node, [&]() -> Task<void> {
      static_cast<void>(publisher.publish({1}));
      static_cast<void>(publisher.publish({2}));
      co_await sleep_for(100ms);
    }));
    EXPECT_EQ(error, nullptr) << (error ? async::describe(error) : "");
  });
  EXPECT_EQ(calls, 2);
  EXPECT_GT(ticks, 1);
}

// client_core.hpp: matched().current is looked at later, not what the event said.
TEST_P(ReviewTest, AServerThatIsReplacedBetweenTwoTurnsHasVanishedForWhoWaits) {
  Node server("server", far());
  Node caller("caller", near());
  const auto answer = [](const AddRequest& request) { return AddResponse{request.a + request.b}; };
  auto service = server.serve<Add>("/add", answer);
  auto client = caller.client<Add>("/add");
  run([&]() -> Task<void> {
    co_await with_node(caller, [&]() -> Task<void> {
      co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
        nursery.start("restart", [&]() -> Task<void> {
          co_await sleep_for(1s);
          service.destroy();
          service = server.serve<Add>("/add", answer);
        });
        const auto response = co_await client.call({1, 2}, {.timeout = 100s});
        EXPECT_FALSE(response);
        EXPECT_EQ(response.error(), CallError::kServerVanished);
        co_return kJoin;
      });
    });
  });
}

// node.cpp: wait_for_node() does not look at destroyed().
TEST_P(ReviewTest, WaitingForANodeEndsWhenTheNodeIsDestroyed) {
  Node node("node", near());
  run([&]() -> Task<void> {
    node.timer(1s, [&] { destroy_nodes(*near()); });
    const auto block = [&]() -> Task<void> {
      co_await with_node(node, [&]() -> Task<void> { EXPECT_FALSE(co_await node.wait_for_node("never")); });
    };
    EXPECT_TRUE(co_await async::with_timeout(100s, block()));
  });
}

// local_services.hpp: RequestBox keeps requests whose callers have given up, without a bound.
TEST_P(ReviewTest, RequestsWhoseCallersHaveGivenUpDoNotPileUp) {
  Node server("server", far());
  Node caller("caller", near());
  async::Event released("released");
  auto service = server.serve<Add>("/add", [&](const AddRequest&) -> Task<AddResponse> {
    co_await released;
    co_return AddResponse{};
  });
  auto client = caller.client<Add>("/add");
  run([&]() -> Task<void> {
    co_await with_node(server, caller, [&]() -> Task<void> {
      for (int i = 0; i < 500; ++i) {
        EXPECT_FALSE(co_await client.call({1, 2}, {.timeout = 1ms}));
      }
      released.set();
      co_await sleep_for(1s);
      EXPECT_LE(service.statistics().requests, 20U);
    });
  });
}

// inlet.hpp: take_retained() takes one message per topic, where each publisher keeps its own (/tf_static).
TEST_P(ReviewTest, ALateJoinerGetsWhatEachTransientLocalPublisherKeeps) {
  Node one("one", near());
  Node other("other", near());
  Node late("late", far());
  bus::Qos qos = bus::Qos::latched();
  auto first = one.publisher<Number>("/tf_static", {.qos = qos});
  auto second = other.publisher<Number>("/tf_static", {.qos = qos});
  static_cast<void>(first.publish({1}));
  static_cast<void>(second.publish({2}));
  qos.depth = 10;
  auto numbers = late.subscribe<Number>("/tf_static", {.qos = qos});
  std::set<std::int64_t> heard;
  run([&]() -> Task<void> {
    while (auto received = co_await async::with_timeout(1s, numbers.next())) {
      heard.insert(received->message.data);
    }
  });
  EXPECT_EQ(heard, (std::set<std::int64_t>{1, 2}));
}

// inline_inlet.hpp: never looks for what publishers of its own bus keep.
TEST_P(ReviewTest, InlineDeliveryGivesALateJoinerWhatATransientLocalPublisherKeeps) {
  Node talker("talker", near());
  Node node("node", far());
  auto publisher = talker.publisher<Number>("/description", {.qos = bus::Qos::latched()});
  static_cast<void>(publisher.publish({7}));
  std::int64_t heard = 0;
  node.subscribe<Number>("/description", [&](const Number& number) { heard = number.data; },
                         {.qos = bus::Qos::latched(), .delivery = Delivery::kInline});
  run([&]() -> Task<void> { co_await with_node(node, [&]() -> Task<void> { co_await sleep_for(1ms); }); });
  EXPECT_EQ(heard, 7);
}

// facilities.cpp: std::get<bool> of a parameter that a peer has deleted and set again to a string.
TEST_P(ReviewTest, AnotherNodeCannotEndThisOneBySettingAParameter) {
  using rcl_interfaces::SetParameters;
  Node node("node", far(), {.parameters = {.allow_undeclared = true}});
  Node peer("peer", near());
  auto client = peer.client<SetParameters>("/node/set_parameters");
  run([&]() -> Task<void> {
    const auto error = co_await outcome(with_node(node, peer, [&]() -> Task<void> {
      SetParameters::Request request;
      request.parameters.resize(1);
      request.parameters[0].name = "use_sim_time";
      static_cast<void>(co_await client.call(request, {.timeout = 1s}));
      request.parameters[0].value.type = rcl_interfaces::ParameterType::PARAMETER_STRING;
      static_cast<void>(co_await client.call(request, {.timeout = 1s}));
      co_await sleep_for(1s);
    }));
    EXPECT_EQ(error, nullptr) << (error ? async::describe(error) : "");
  });
}

// subscription_core.hpp: a sequential handler that is cancelled is counted as running for ever.
TEST_P(ReviewTest, ACancelledSequentialHandlerDoesNotCountAsRunning) {
  Node talker("talker", near());
  Node node("node", far());
  auto publisher = talker.publisher<Number>("/topic");
  auto subscription = node.subscribe<Number>("/topic", [](const Number&) -> Task<void> { co_await sleep_for(1h); });
  run([&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> {
      static_cast<void>(publisher.publish({1}));
      co_await sleep_for(1ms);
      EXPECT_EQ(subscription.statistics().running, 1U);
    });
  });
  EXPECT_EQ(subscription.statistics().running, 0U);
}

// service_core.hpp: begin_drain() leaves the service where callers find it.
TEST_P(ReviewTest, DrainDoesNotTakeNewRequests) {
  Node server("server", far());
  Node caller("caller", near());
  server.serve<Add>("/add", [](const AddRequest&) -> Task<AddResponse> {
    co_await sleep_for(10ms);
    co_return AddResponse{};
  });
  auto client = caller.client<Add>("/add");
  core::Nanoseconds drained_ns = 0;
  run([&]() -> Task<void> {
    co_await with_node(server, caller, [&]() -> Task<void> {
      co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
        for (int i = 0; i < 2; ++i) {
          nursery.start("caller", [&]() -> Task<void> {
            while (!server.destroyed()) {
              static_cast<void>(co_await client.call({1, 2}, {.timeout = 1s}));
              co_await async::yield();
            }
          });
        }
        co_await sleep_for(15ms);
        const core::Nanoseconds begin_ns = loop().clock().now_ns();
        co_await server.drain(5s);
        drained_ns = loop().clock().now_ns() - begin_ns;
        co_return kCancel;
      });
    });
  });
  EXPECT_LT(drained_ns, 1'000'000'000);
}

// node_core.cpp: announce() tells the transports of then, endpoints open on those of now.
TEST_P(ReviewTest, ANodeIsSeenOnATransportThatCarriesItsEndpoints) {
  Node node("early", near());
  bus::MemoryNetwork later;
  const std::unique_ptr<bus::Transport> watcher = later.join("watcher");
  near()->add(later.join("here"));
  const auto publisher = node.publisher<Number>("/topic");
  for (const auto& endpoint : watcher->graph().endpoints) {
    EXPECT_TRUE(std::ranges::any_of(watcher->graph().nodes, [&](const auto& one) { return one.name == endpoint.node; }))
        << endpoint.name << " is of " << endpoint.node << ", which nobody sees";
  }
}

// local_graph.cpp: remove_node() goes by the name, and takes the other one of that name out.
TEST_P(ReviewTest, DestroyNodesFindsANodeWhoseNamesakeHasGone) {
  Node node("node", near());
  {
    const Node namesake("node", near());
  }
  EXPECT_TRUE(node.graph().has_node("/node"));
  destroy_nodes(*near());
  EXPECT_TRUE(node.destroyed());
}

// node_core.cpp: destroy() says "any thread", and works on the calling one while the node is not inside.
TEST_P(ReviewTest, DestroyFromAnotherThreadMayMeetTheEntering) {
  for (int i = 0; i < 200; ++i) {
    Node node("node", near());
    async::EventLoop steady;
    std::atomic<bool> go{false};
    std::thread outside([&] {
      while (!go) {
      }
      destroy_nodes(*near());
    });
    go = true;
    try {
      steady.run(node.run());
    } catch (const LogicError&) {  // it was destroyed already
    }
    outside.join();
    EXPECT_TRUE(node.destroyed());
  }
}

// subscription_core.hpp: next() works outside of the node too, where destroy() on another thread closes its sources.
TEST_P(ReviewTest, DestroyFromAnotherThreadMayMeetNext) {
  for (int i = 0; i < 50; ++i) {
    Node talker("talker", far());
    Node node("node", near());
    auto numbers = node.subscribe<Number>("/topic");
    auto publisher = talker.publisher<Number>("/topic");
    async::EventLoop steady;
    std::thread outside;
    const auto body = [&]() -> Task<void> {
      static_cast<void>(publisher.publish({0}));
      outside = std::thread([&] { node.destroy(); });
      while (co_await numbers.next()) {
        static_cast<void>(publisher.publish({1}));
      }
    };
    steady.run(body());
    outside.join();
  }
}

// entity.cpp: the title is the name of a task, of which 31 bytes are kept.
TEST_P(ReviewTest, AFailureNamesItsEntityHoweverLongThatIs) {
  Node talker("talker", near());
  Node node("camera_driver", far());
  auto publisher = talker.publisher<Number>("/robot/left_arm/wrist_camera/exposure");
  node.subscribe<Number>("/robot/left_arm/wrist_camera/exposure",
                         [](const Number&) { throw std::runtime_error("bad"); });
  static_cast<void>(publisher.publish({1}));
  run([&]() -> Task<void> {
    const std::string text = async::describe(co_await outcome(node.run()));
    EXPECT_NE(text.find("/robot/left_arm/wrist_camera/exposure"), std::string::npos) << text;
    EXPECT_NE(text.find("/camera_driver"), std::string::npos) << text;
  });
}

// timer.cpp: now + period overflows.
TEST_P(ReviewTest, ATimerOfTheLongestPeriodDoesNotFire) {
  Node node("node", near());
  int fired = 0;
  node.timer(async::Duration::max(), [&] {
    ++fired;
    node.destroy();
  });
  run([&]() -> Task<void> {
    co_await sleep_for(1s);
    co_await with_node(node, [&]() -> Task<void> { co_await sleep_for(1s); });
  });
  EXPECT_EQ(fired, 0);
}

// subscription_core.hpp: begin_drain() goes on hearing the transports.
TEST_P(ReviewTest, DrainEndsWhileSomebodyPublishesFasterThanIsHandled) {
  Node talker("talker", near());
  Node node("node", far());
  auto publisher = talker.publisher<Number>("/topic");
  node.subscribe<Number>("/topic", [](const Number&) -> Task<void> { co_await sleep_for(2ms); });
  talker.timer(1ms, [&] { static_cast<void>(publisher.publish({1})); });
  core::Nanoseconds drained_ns = 0;
  run([&]() -> Task<void> {
    co_await with_node(talker, node, [&]() -> Task<void> {
      co_await sleep_for(100ms);
      const core::Nanoseconds begin_ns = loop().clock().now_ns();
      co_await node.drain(5s);
      drained_ns = loop().clock().now_ns() - begin_ns;
    });
  });
  EXPECT_LT(drained_ns, 1'000'000'000);
}

/// A bus on two networks whose readers have room for one message.
class TwoNetworksTest : public ::testing::Test {
 protected:
  static bus::MemoryNetworkOptions small() {
    bus::MemoryNetworkOptions options;
    options.room = 1;
    return options;
  }
  static std::shared_ptr<bus::Bus> on(std::unique_ptr<bus::Transport> transport) {
    auto bus = std::make_shared<bus::Bus>();
    bus->add(std::move(transport));
    return bus;
  }
  TwoNetworksTest() {
    both->add(first.join("both"));
    both->add(second.join("both"));
  }

  bus::MemoryNetwork first{small()};
  bus::MemoryNetwork second{small()};
  std::shared_ptr<bus::Bus> both{std::make_shared<bus::Bus>()};
  std::shared_ptr<bus::Bus> on_first{on(first.join("far"))};
  std::shared_ptr<bus::Bus> on_second{on(second.join("far"))};
  async::EventLoop loop{async::LoopTime::kVirtual};
};

// publisher_core.hpp: one transport after the other, without a limit.
TEST_F(TwoNetworksTest, AReaderThatDoesNotTakeOnOneTransportDoesNotHoldUpTheOther) {
  Node talker("talker", both);
  Node stuck("stuck", on_first);
  Node listener("listener", on_second);
  const bus::Qos all{.depth = 0};
  auto publisher = talker.publisher<Number>("/topic", {.qos = all});
  auto never_read = stuck.subscribe<Number>("/topic", {.qos = all});
  auto numbers = listener.subscribe<Number>("/topic", {.qos = all});
  const auto body = [&]() -> Task<void> {
    co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("talker", [&]() -> Task<void> {
        for (std::int64_t i = 0; i < 3; ++i) {
          static_cast<void>(co_await publisher.publish_when_ready({i}));
        }
      });
      for (std::int64_t i = 0; i < 2; ++i) {
        EXPECT_TRUE(co_await async::with_timeout(10s, numbers.next())) << "of message " << i;
      }
      co_return kCancel;
    });
  };
  loop.run(body());
}

// client_core.hpp: send() asks whether any transport has a server, not whether its own has.
TEST_F(TwoNetworksTest, ACallWhoseServerGoesBeforeItCouldBeSentEnds) {
  Node caller("caller", both);
  Node going("going", on_first);
  Node other("other", on_second);
  const auto answer = [](const AddRequest& request) { return AddResponse{request.a + request.b}; };
  auto service = going.serve<Add>("/add", answer);  // never entered
  other.serve<Add>("/add", answer);
  auto client = caller.client<Add>("/add");
  const auto body = [&]() -> Task<void> {
    co_await with_node(caller, other, [&]() -> Task<void> {
      EXPECT_FALSE(co_await client.call({1, 2}, {.timeout = 1s}));  // fills the room of the first
      co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
        nursery.start("end", [&]() -> Task<void> {
          co_await sleep_for(1s);
          service.destroy();
        });
        const auto response = co_await client.call({1, 2}, {.timeout = 100s});
        EXPECT_TRUE(response || response.error() != CallError::kTimedOut);
        co_return kJoin;
      });
    });
  };
  loop.run(body());
}

/// As udp is: it publishes and subscribes, and throws when it is asked for anything else.
class PlainTransport final : public bus::Transport {
 public:
  explicit PlainTransport(std::unique_ptr<bus::Transport> memory) : memory_(std::move(memory)) {}
  [[nodiscard]] std::string scheme() const override { return "plain"; }
  [[nodiscard]] bus::Capabilities capabilities() const noexcept override {
    return static_cast<bus::Capabilities>(bus::Capability::kPublishSubscribe);
  }
  [[nodiscard]] std::unique_ptr<bus::TransportPublisher> advertise(const bus::TopicEndpoint& topic,
                                                                   bus::EndpointEvents events) override {
    check(topic);
    return memory_->advertise(topic, std::move(events));
  }
  [[nodiscard]] std::unique_ptr<bus::TransportSubscription> subscribe(const bus::TopicEndpoint& topic,
                                                                      bus::EndpointEvents events) override {
    check(topic);
    return memory_->subscribe(topic, std::move(events));
  }
  [[nodiscard]] std::unique_ptr<bus::TransportClient> client(const bus::ServiceEndpoint& /*service*/,
                                                             bus::EndpointEvents /*events*/) override {
    throw LogicError("plain: no requests");
  }
  [[nodiscard]] std::unique_ptr<bus::TransportServer> serve(const bus::ServiceEndpoint& /*service*/,
                                                            bus::EndpointEvents /*events*/) override {
    throw LogicError("plain: no requests");
  }
  void add_node(const bus::NodeInfo& /*node*/) override {}
  void remove_node(const std::string& /*name*/) override {}
  [[nodiscard]] bus::Graph graph() const override { throw LogicError("plain: no graph"); }
  void watch_graph(std::function<void()> /*on_change*/) override { throw LogicError("plain: no graph"); }

 private:
  static void check(const bus::TopicEndpoint& topic) {
    if (topic.qos.reliability == bus::Reliability::kReliable) {
      throw LogicError(topic.name + ": plain is not reliable");
    }
  }
  const std::unique_ptr<bus::Transport> memory_;
};

// local_graph.cpp: the destructor asks every transport for its graph, and one without throws.
TEST(PlainTransportTest, ABusWithATransportThatHasNoGraphEnds) {
  const auto come_and_go = [] {
    {
      bus::MemoryNetwork network;
      auto bus = std::make_shared<bus::Bus>();
      bus->add(std::make_shared<PlainTransport>(network.join("here")));
      const Node node("node", bus);
    }
    _exit(0);
  };
  EXPECT_EXIT(come_and_go(), ::testing::ExitedWithCode(0), "");
}

// action_server_core.hpp, action_client_core.hpp: their feedback is not weakened as their status is.
TEST(PlainTransportTest, AnActionServerWorksBesideATransportThatCannotCarryIt) {
  const auto serve = [] {
    bus::MemoryNetwork network;
    static auto bus = std::make_shared<bus::Bus>();  // its end is another test's
    bus->add(std::make_shared<PlainTransport>(network.join("here")));
    Node node("node", bus);
    try {
      const ActionServer<Fibonacci> server(node, "/fibonacci", count);
      const ActionClient<Fibonacci> client(node, "/fibonacci");
      _exit(0);
    } catch (const LogicError&) {
      _exit(1);
    }
  };
  EXPECT_EXIT(serve(), ::testing::ExitedWithCode(0), "");
}

class ReviewActionTest : public ActionsTest {};
INSTANTIATE_TEST_SUITE_P(, ReviewActionTest, ::testing::Values(Way::kInProcess), name_of);

// action_server_core.hpp: what keeps a result sleeps on when the node drains.
TEST_P(ReviewActionTest, DrainDoesNotWaitForResultsThatAreKept) {
  ActionServer<Fibonacci> server(server_node, "/fibonacci", count, {.result_timeout = 100s});
  inside([&]() -> Task<void> {
    auto goal = co_await client.send_goal({.order = 2});
    static_cast<void>(co_await goal->result());
    co_await server_node.drain(1000s);
    EXPECT_LT(loop().clock().now_ns(), 50'000'000'000);
  });
}

// action_client_core.hpp: result() forgets the listener only when a response came.
TEST_P(ReviewActionTest, TheFeedbackFunctionOfAGoalWhoseServerVanishedIsLetGo) {
  ActionServer<Fibonacci> server(server_node, "/fibonacci", count);
  auto kept = std::make_shared<int>(0);
  const std::weak_ptr<int> seen = kept;
  inside([&]() -> Task<void> {
    auto goal = co_await client.send_goal({.order = 5}, [kept](const Fibonacci::Feedback&) {});
    kept.reset();
    server.destroy();
    const auto result = co_await goal->result();
    EXPECT_FALSE(result);
    EXPECT_TRUE(seen.expired());
  });
}

TEST_P(ReviewActionTest, AGoalWhoseFunctionThrowsInsteadOfGivingItsTaskIsAborted) {
  core::set_log_level(core::LogLevel::kOff);
  ActionServer<Fibonacci> server(server_node, "/fibonacci", [](ActiveGoal<Fibonacci>& goal) {
    if (goal.goal().order > 0) {
      throw std::runtime_error("bad");
    }
    return count(goal);
  });
  run([&]() -> Task<void> {
    const auto error = co_await outcome(with_node(server_node, client_node, [&]() -> Task<void> {
      auto goal = co_await client.send_goal({.order = 2});
      const auto result = co_await goal->result({.timeout = 1s});
      EXPECT_TRUE(result && result->status == GoalStatus::kAborted);
    }));
    EXPECT_EQ(error, nullptr) << (error ? async::describe(error) : "");
  });
  core::set_log_level(core::LogLevel::kInfo);
}

/// A peer on a network with little room that does as it likes.
class BadPeerTest : public ::testing::Test {
 protected:
  BadPeerTest() {
    core::set_log_level(core::LogLevel::kOff);
    near->add(network.join("near"));
    far->add(network.join("far"));
  }
  ~BadPeerTest() override { core::set_log_level(core::LogLevel::kInfo); }
  /// Publishes what is no message.
  void publish_rubbish(int count) {
    const auto publisher =
        peer->advertise({.name = "/topic", .type = internal::type_id<Text>(), .qos = {.depth = 0}, .node = ""}, {});
    for (int i = 0; i < count; ++i) {
      static_cast<void>(publisher->publish(std::vector<std::byte>(1)));
    }
  }

  bus::MemoryNetwork network;
  std::unique_ptr<bus::Transport> peer{network.join("peer")};
  std::shared_ptr<bus::Bus> near{std::make_shared<bus::Bus>()};
  std::shared_ptr<bus::Bus> far{std::make_shared<bus::Bus>()};
  async::EventLoop loop{async::LoopTime::kVirtual};
};

// inlet.hpp, service_core.hpp: take_remote() goes on as long as what comes is malformed.
TEST_F(BadPeerTest, MalformedMessagesCountForTheTurnToo) {
  Node node("node", near);
  auto subscription = node.subscribe<Text>("/topic", [](const Text&) {}, {.qos = {.depth = 0}, .take_per_turn = 10});
  publish_rubbish(1000);
  std::uint64_t most_at_once = 0;
  const auto body = [&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> {
      std::uint64_t before = 0;
      while (before < 1000) {
        co_await async::yield();
        const std::uint64_t now = subscription.statistics().malformed;
        most_at_once = std::max(most_at_once, now - before);
        before = now;
      }
    });
  };
  loop.run(body());
  EXPECT_LE(most_at_once, 100U);
}

// subscription_core.hpp: statistics() of an inline one leave out what its inlet counts.
TEST_F(BadPeerTest, InlineDeliveryCountsWhatIsMalformed) {
  Node node("node", near);
  auto subscription = node.subscribe<Text>("/topic", [](const Text&) {}, {.delivery = Delivery::kInline});
  const auto body = [&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> {
      co_await sleep_for(1ms);
      publish_rubbish(3);
      EXPECT_EQ(subscription.statistics().malformed, 3U);
    });
  };
  loop.run(body());
}

// publisher_core.hpp: publish() holds its lock while the transport's events run handlers further down on this stack.
TEST_F(BadPeerTest, InlineHandlersOnTwoHostsMayAnswerEachOther) {
  const auto ping_pong = [this] {
    alarm(20);  // a deadlock ends here
    Node one("one", near);
    Node other("other", far);
    auto ping = one.publisher<Number>("/ping");
    auto pong = other.publisher<Number>("/pong");
    std::int64_t heard = 0;
    one.subscribe<Number>("/pong",
                          [&](const Number& number) {
                            heard = number.data;
                            if (number.data < 3) {
                              static_cast<void>(ping.publish({number.data + 1}));
                            }
                          },
                          {.delivery = Delivery::kInline});
    other.subscribe<Number>("/ping", [&](const Number& number) { static_cast<void>(pong.publish(number)); },
                            {.delivery = Delivery::kInline});
    const auto body = [&]() -> Task<void> {
      co_await with_node(one, other, [&]() -> Task<void> {
        co_await sleep_for(1ms);
        static_cast<void>(ping.publish({1}));
        co_await sleep_for(1ms);
      });
    };
    loop.run(body());
    _exit(heard == 3 ? 0 : 1);
  };
  EXPECT_EXIT(ping_pong(), ::testing::ExitedWithCode(0), "");
}

// service_core.hpp: a sequential server waits for one client's room while all the others wait (H3).
TEST(ReviewReplyTest, H3AClientThatDoesNotTakeItsReplyDoesNotHoldUpTheOthers) {
  bus::MemoryNetworkOptions options;
  options.room = 4;
  bus::MemoryNetwork network(options);
  const std::unique_ptr<bus::Transport> peer = network.join("peer");
  auto near = std::make_shared<bus::Bus>();
  near->add(network.join("near"));
  auto far = std::make_shared<bus::Bus>();
  far->add(network.join("far"));
  Node server("server", far);
  Node caller("caller", near);
  server.serve<Add>("/add", [](const AddRequest& request) { return AddResponse{request.a + request.b}; });
  auto client = caller.client<Add>("/add");
  const auto stopped = peer->client({.name = "/add",
                                     .request = internal::request_id<Add>(),
                                     .reply = internal::response_id<Add>(),
                                     .qos = {},
                                     .node = ""},
                                    {});
  async::EventLoop loop(async::LoopTime::kVirtual);
  const auto body = [&]() -> Task<void> {
    co_await with_node(server, caller, [&]() -> Task<void> {
      const std::vector<std::byte> request = messages::to_cdr(AddRequest{1, 2});
      for (int i = 0; i < 8; ++i) {
        static_cast<void>(stopped->request(request));
        co_await sleep_for(1ms);
      }
      const auto response = co_await client.call({1, 2}, {.timeout = 500ms});
      EXPECT_TRUE(response) << to_string(response.error());
    });
  };
  loop.run(body());
}

}  // namespace
}  // namespace takt::node
