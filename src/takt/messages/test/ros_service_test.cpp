#include "takt/messages/ros_service.hpp"

#include <gtest/gtest.h>

#include "takt/messages/cdr.hpp"
#include "takt/messages/packages/std_srvs.hpp"

namespace takt::messages {
namespace {

struct Misnamed {
  static constexpr std::string_view kRosName = "test_msgs/srv/Misnamed";
  using Request = std_srvs::SetBool::Request;
  using Response = std_srvs::SetBool::Response;
};

static_assert(RosService<std_srvs::SetBool> && RosService<std_srvs::Empty>);
static_assert(!RosService<std_srvs::SetBool::Request> && !RosMessage<std_srvs::SetBool>);
static_assert(!RosService<Misnamed>, "its messages belong to another service");

TEST(RosServiceTest, AnEventHoldsWhatWasSentAndTravels) {
  using Event = ServiceEvent<std_srvs::SetBool>;
  static_assert(Event::kRosName == "std_srvs/srv/SetBool_Event");
  Event event;
  event.info.event_type = service_msgs::ServiceEventInfo::REQUEST_SENT;
  event.info.sequence_number = 7;
  event.request = std_srvs::SetBool::Request{.data = true};
  const auto again = from_cdr<Event>(to_cdr(event));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(*again, event);
  EXPECT_FALSE(again->response);
}

}  // namespace
}  // namespace takt::messages
