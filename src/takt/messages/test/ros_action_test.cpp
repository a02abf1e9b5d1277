#include "takt/messages/ros_action.hpp"

#include <gtest/gtest.h>

#include "takt/messages/cdr.hpp"
#include "takt/messages/packages/example_interfaces.hpp"
#include "takt/messages/packages/std_srvs.hpp"

namespace takt::messages {
namespace {

using example_interfaces::Fibonacci;

static_assert(RosAction<Fibonacci> && !RosAction<std_srvs::SetBool> && !RosService<Fibonacci>);
static_assert(RosService<SendGoal<Fibonacci>> && RosService<GetResult<Fibonacci>>);
static_assert(SendGoal<Fibonacci>::Request::kRosName == "example_interfaces/action/Fibonacci_SendGoal_Request");
static_assert(FeedbackMessage<Fibonacci>::kRosName == "example_interfaces/action/Fibonacci_FeedbackMessage");

// 16 bytes of id, then the goal, aligned as the body of a message is.
TEST(RosActionTest, AGoalTravelsBehindItsId) {
  SendGoal<Fibonacci>::Request request;
  request.goal_id.uuid.fill(0xab);
  request.goal.order = 5;
  const auto message = to_cdr(request);
  ASSERT_EQ(message.size(), 4U + 16U + 4U);
  EXPECT_EQ(message[4], std::byte{0xab});
  EXPECT_EQ(message[20], std::byte{5});
  EXPECT_EQ(from_cdr<SendGoal<Fibonacci>::Request>(message), request);
}

TEST(RosActionTest, AResultTravelsBehindItsStatus) {
  GetResult<Fibonacci>::Response response;
  response.status = 4;
  response.result.sequence = {0, 1, 1};
  const auto message = to_cdr(response);
  ASSERT_EQ(message.size(), 4U + 4U + 4U + 12U) << "the count is aligned to 4";
  EXPECT_EQ(from_cdr<GetResult<Fibonacci>::Response>(message), response);
}

}  // namespace
}  // namespace takt::messages
