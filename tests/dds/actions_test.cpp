#include <array>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <dds/dds.h>
#include <gtest/gtest.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/sanitizers.hpp"
#include "takt/messages/packages/example_interfaces.hpp"
#include "takt/node/action_client.hpp"
#include "takt/node/action_server.hpp"
#include "takt/transports/dds/internal/configuration.hpp"
#include "takt/transports/dds/internal/entity.hpp"
#include "takt/transports/dds/test/dds_test.hpp"

#if TAKT_THREAD_SANITIZER
// Cyclone DDS is not instrumented: the sanitizer does not see its atomics, with which it counts who holds a sample and
// hands memory from thread to thread.
extern "C" const char* __tsan_default_suppressions();   // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __tsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "race:libddsc.so\n";
}
#endif

// Actions over dds: between two participants, and as one that knows nothing of takt sees them.
namespace takt::dds {
namespace {

using namespace std::chrono_literals;
using async::Task;
using example_interfaces::Fibonacci;
using node::ActiveGoal;
using node::GoalStatus;
using test::own;

std::shared_ptr<bus::Bus> bus_on_dds() {
  auto bus = std::make_shared<bus::Bus>();
  bus->add(test::open());
  return bus;
}

/// Tells the goal's order until it is cancelled, for feedback has no sign that somebody hears it. One of 0 it aborts.
Task<Fibonacci::Result> tell(ActiveGoal<Fibonacci>& goal) {
  Fibonacci::Result result;
  result.sequence = {goal.goal().order};
  if (goal.goal().order == 0) {
    goal.abort();
    co_return result;
  }
  while (!goal.cancel_requested()) {
    Fibonacci::Feedback feedback;
    feedback.sequence = {goal.goal().order};
    goal.publish_feedback(feedback);
    co_await async::sleep_for(1ms);
  }
  goal.canceled();
  co_return result;
}

class DdsActions : public testing::Test {
 protected:
  DdsActions() {
    node::ActionServerOptions<Fibonacci> options;
    options.cancel = node::CancelPolicy::kCooperative;
    options.accept = [](const Fibonacci::Goal& goal) { return goal.order >= 0; };
    server_node.action_server<Fibonacci>(own("/tell"), tell, options);
  }

  node::Node server_node{"server", bus_on_dds()};
  node::Node client_node{"client", bus_on_dds()};
};

TEST_F(DdsActions, GoFromOneParticipantToAnother) {
  const auto client = client_node.action_client<Fibonacci>(own("/tell"));
  async::Event heard{"feedback"};
  node::SendGoalOptions<Fibonacci> options;
  options.on_feedback = [&](const Fibonacci::Feedback& feedback) {
    EXPECT_EQ(feedback.sequence, std::vector<std::int32_t>{5});
    heard.set();
  };
  std::string waits_for = "the server";
  const auto body = [&]() -> Task<void> {
    EXPECT_TRUE(co_await client.wait_for_server(20s));
    waits_for = "a rejection";
    EXPECT_EQ((co_await client.send_goal({.order = -1})).error(), node::CallError::kRejected);
    waits_for = "a goal to be accepted, and its feedback";
    const auto goal = co_await client.send_goal({.order = 5}, options);
    EXPECT_TRUE(goal.has_value());
    co_await heard;
    waits_for = "it to be cancelled";
    EXPECT_EQ((co_await goal->cancel()).value(), node::CancelAnswer::kAccepted);
    const auto result = co_await goal->result();
    EXPECT_EQ(result->status, GoalStatus::kCanceled);
    EXPECT_EQ(result->result.sequence, std::vector<std::int32_t>{5});
    waits_for = "a goal to be aborted";
    const auto aborted = co_await client.send_goal({.order = 0});
    EXPECT_EQ((co_await aborted->result())->status, GoalStatus::kAborted);
    EXPECT_EQ((co_await aborted->cancel()).value(), node::CancelAnswer::kEnded);
    waits_for = "its status, of a topic of its own";
    while (aborted->status() != GoalStatus::kAborted) {
      co_await async::sleep_for(1ms);
    }
    const auto actions = client_node.graph().actions();
    EXPECT_EQ(actions.at(own("/tell")), std::set<std::string>{"example_interfaces/action/Fibonacci"});
  };
  const auto in_time = [&]() -> Task<void> {
    const bool has_ended = co_await async::with_timeout(60s, node::with_node(server_node, client_node, body));
    EXPECT_TRUE(has_ended) << "a minute is over, and it still waits for " << waits_for;
  };
  async::EventLoop loop;
  loop.run(in_time());
}

using Names = std::set<std::pair<std::string, std::string>>;

/// Topics with their types whose names have `part` in them, of a builtin topic of Cyclone DDS.
void look(dds_entity_t reader, const std::string& part, Names& names) {
  std::array<void*, 64> samples{};
  std::array<dds_sample_info_t, 64> infos{};
  const auto count = dds_take(reader, samples.data(), infos.data(), samples.size(), samples.size());
  for (std::size_t i = 0; count > 0 && i < static_cast<std::size_t>(count); ++i) {
    const auto& endpoint = *static_cast<const dds_builtintopic_endpoint_t*>(samples[i]);
    if (infos[i].valid_data && std::string(endpoint.topic_name).contains(part)) {
      names.emplace(endpoint.topic_name, endpoint.type_name);
    }
  }
  if (count > 0) {
    dds_return_loan(reader, samples.data(), count);
  }
}

TEST_F(DdsActions, AreCalledOnTheWireAsRosCallsThem) {
  const Entity domain(dds_create_domain(2'100'000, cyclone_configuration(test::options()).c_str()), "domain");
  const Entity participant(dds_create_participant(2'100'000, nullptr, nullptr), "participant");
  const Entity writers(dds_create_reader(participant.get(), DDS_BUILTIN_TOPIC_DCPSPUBLICATION, nullptr, nullptr), "");
  const Entity readers(dds_create_reader(participant.get(), DDS_BUILTIN_TOPIC_DCPSSUBSCRIPTION, nullptr, nullptr), "");
  const std::string name = own("/tell") + "/_action/";
  const std::string type = "example_interfaces::action::dds_::Fibonacci_";
  const Names written{{"rt" + name + "feedback", type + "FeedbackMessage_"},
                      {"rt" + name + "status", "action_msgs::msg::dds_::GoalStatusArray_"},
                      {"rr" + name + "send_goalReply", type + "SendGoal_Response_"},
                      {"rr" + name + "cancel_goalReply", "action_msgs::srv::dds_::CancelGoal_Response_"},
                      {"rr" + name + "get_resultReply", type + "GetResult_Response_"}};
  const Names read{{"rq" + name + "send_goalRequest", type + "SendGoal_Request_"},
                   {"rq" + name + "cancel_goalRequest", "action_msgs::srv::dds_::CancelGoal_Request_"},
                   {"rq" + name + "get_resultRequest", type + "GetResult_Request_"}};
  Names seen_written;
  Names seen_read;
  EXPECT_TRUE(test::eventually([&] {
    look(writers.get(), name, seen_written);
    look(readers.get(), name, seen_read);
    return seen_written.size() >= written.size() && seen_read.size() >= read.size();
  }));
  EXPECT_EQ(seen_written, written);
  EXPECT_EQ(seen_read, read);
}

}  // namespace
}  // namespace takt::dds
