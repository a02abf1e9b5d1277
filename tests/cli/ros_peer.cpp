// What the commands topic, node and service are tried on: a node of types that takt ships, and of types that only it
// knows. Usage: ros_peer URI…

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/async/tasks/run.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/packages/geometry_msgs.hpp"
#include "takt/messages/packages/std_msgs.hpp"
#include "takt/messages/packages/std_srvs.hpp"
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

}  // namespace demo_msgs

namespace {

using namespace std::chrono_literals;
using takt::async::Task;
using takt::node::Node;

takt::geometry_msgs::PointStamped stamped() {
  takt::geometry_msgs::PointStamped message;
  const takt::core::Nanoseconds now = takt::core::wall_now_ns();
  message.header.stamp.sec = static_cast<std::int32_t>(now / takt::core::kNanosecondsPerSecond);
  message.header.stamp.nanosec = static_cast<std::uint32_t>(now % takt::core::kNanosecondsPerSecond);
  return message;
}

Task<void> peer(std::vector<std::string> uris) {
  const auto bus = co_await takt::open_bus(std::move(uris));
  Node node("peer", bus);
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
  node.subscribe<takt::std_msgs::String>("/heard", [](const takt::std_msgs::String& message) {
    std::printf("heard %s\n", message.data.c_str());
    std::fflush(stdout);
  });
  node.subscribe<demo_msgs::Gauge>("/gauges", [](const demo_msgs::Gauge& message) {
    std::printf("gauge %s %.1f\n", message.label.c_str(), message.scale);
    std::fflush(stdout);
  });
  std::printf("ready\n");
  std::fflush(stdout);
  co_await node.run();
}

}  // namespace

int main(int argc, char** argv) {
  return takt::async::run(peer({argv + 1, argv + argc}));
}
