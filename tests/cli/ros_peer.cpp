// What the commands topic, node, service, action and param are tried on: a node of types that takt ships, and of types
// that only it knows. Usage: ros_peer URI…

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/async/tasks/run.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/packages/example_interfaces.hpp"
#include "takt/messages/packages/geometry_msgs.hpp"
#include "takt/messages/packages/std_msgs.hpp"
#include "takt/messages/packages/std_srvs.hpp"
#include "takt/node/action_server.hpp"
#include "takt/node/node.hpp"
#include "takt/registry/buses.hpp"

namespace demo_msgs {

struct Gauge {
  static constexpr std::string_view kRosName = "demo_msgs/msg/Gauge";
  std::string label{"unnamed"};
  std::vector<takt::geometry_msgs::Point> points;
  double scale{1.5};
};
BOOST_DESCRIBE_STRUCT(Gauge, (), (label, points, scale))

struct Add {
  static constexpr std::string_view kRosName = "demo_msgs/srv/Add";
  struct Request {
    static constexpr std::string_view kRosName = "demo_msgs/srv/Add_Request";
    std::int64_t a{0};
    std::int64_t b{0};
  };
  struct Response {
    static constexpr std::string_view kRosName = "demo_msgs/srv/Add_Response";
    std::int64_t sum{0};
  };
};
BOOST_DESCRIBE_STRUCT(Add::Request, (), (a, b))
BOOST_DESCRIBE_STRUCT(Add::Response, (), (sum))

struct Count {
  static constexpr std::string_view kRosName = "demo_msgs/action/Count";
  struct Goal {
    static constexpr std::string_view kRosName = "demo_msgs/action/Count_Goal";
    std::int32_t to{3};
  };
  struct Result {
    static constexpr std::string_view kRosName = "demo_msgs/action/Count_Result";
    std::int32_t reached{0};
  };
  struct Feedback {
    static constexpr std::string_view kRosName = "demo_msgs/action/Count_Feedback";
    std::int32_t now{0};
  };
};
BOOST_DESCRIBE_STRUCT(Count::Goal, (), (to))
BOOST_DESCRIBE_STRUCT(Count::Result, (), (reached))
BOOST_DESCRIBE_STRUCT(Count::Feedback, (), (now))

}  // namespace demo_msgs

namespace {

using namespace std::chrono_literals;
using takt::async::Task;
using takt::example_interfaces::Fibonacci;
using takt::node::ActiveGoal;
using takt::node::Node;

takt::geometry_msgs::PointStamped stamped() {
  takt::geometry_msgs::PointStamped message;
  const takt::core::Nanoseconds now = takt::core::wall_now_ns();
  message.header.stamp.sec = static_cast<std::int32_t>(now / takt::core::kNanosecondsPerSecond);
  message.header.stamp.nanosec = static_cast<std::uint32_t>(now % takt::core::kNanosecondsPerSecond);
  return message;
}

void say(const std::string& what) {
  std::printf("%s\n", what.c_str());
  std::fflush(stdout);
}

Task<demo_msgs::Count::Result> count(ActiveGoal<demo_msgs::Count>& goal) {
  demo_msgs::Count::Result result;
  while (result.reached < goal.goal().to && !goal.cancel_requested()) {
    co_await takt::async::sleep_for(10ms);
    goal.publish_feedback({.now = ++result.reached});
  }
  if (goal.cancel_requested()) {
    goal.canceled();
    say("canceled");
  }
  co_return result;
}

Task<Fibonacci::Result> fibonacci(ActiveGoal<Fibonacci>& goal) {
  Fibonacci::Result result;
  result.sequence = {0, 1};
  for (std::int32_t i = 1; i < goal.goal().order; ++i) {
    result.sequence.push_back(result.sequence.end()[-1] + result.sequence.end()[-2]);
  }
  co_return result;
}

void serve_actions(Node& node) {
  takt::node::ActionServerOptions<demo_msgs::Count> options;
  options.accept = [](const demo_msgs::Count::Goal& goal) { return goal.to > 0; };
  options.cancel = takt::node::CancelPolicy::kCooperative;
  node.action_server<demo_msgs::Count>("/count", count, options);
  node.action_server<Fibonacci>("/fibonacci", fibonacci);
}

void declare(takt::node::Parameters& parameters) {
  parameters.declare("gain", 2.0, {.floating_point_range = {{0.0, 10.0}}});
  parameters.declare("bytes", std::vector{std::byte{1}, std::byte{255}});
  parameters.declare("joints", std::vector<std::string>{"shoulder", "1"});
  parameters.declare("title", std::string("left: arm"));
  parameters.declare("pid.p", 1.5);
  parameters.declare("pid.i", std::int64_t{0});
  parameters.declare("unset", takt::node::ParameterValue{}, {.dynamic_typing = true});
}

Task<void> peer(std::vector<std::string> uris) {
  const auto bus = co_await takt::open_bus(std::move(uris));
  Node node("peer", bus);
  declare(node.parameters());
  serve_actions(node);
  auto gauges = node.publisher<demo_msgs::Gauge>("/gauge");
  auto points = node.publisher<takt::geometry_msgs::PointStamped>("/point");
  node.timer(20ms, [&] {
    const bool sent =
        gauges.publish({.label = "left", .points = {{.x = 1.0, .y = 2.0, .z = 0.5}}, .scale = 2.0}).has_value() &&
        points.publish(stamped()).has_value();
    if (!sent) {
      std::fprintf(stderr, "not sent\n");
    }
  });
  node.serve<takt::std_srvs::SetBool>("/set_bool", [](const takt::std_srvs::SetBool::Request& request) {
    return takt::std_srvs::SetBool::Response{.success = request.data, .message = request.data ? "on" : "off"};
  });
  node.serve<demo_msgs::Add>("/add", [](const demo_msgs::Add::Request& request) {
    return demo_msgs::Add::Response{.sum = request.a + request.b};
  });
  node.subscribe<takt::std_msgs::String>("/heard",
                                         [](const takt::std_msgs::String& message) { say("heard " + message.data); });
  node.subscribe<demo_msgs::Gauge>("/gauges", [](const demo_msgs::Gauge& message) {
    std::printf("gauge %s %.1f\n", message.label.c_str(), message.scale);
    std::fflush(stdout);
  });
  say("ready");
  co_await node.run();
}

}  // namespace

int main(int argc, char** argv) {
  return takt::async::run(peer({argv + 1, argv + argc}));
}
