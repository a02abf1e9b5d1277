// What comes from a serial port, byte by byte on a topic, until the port ends.
//
//   serial [DEVICE]

#include <array>
#include <cstddef>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/asio/serial_port.hpp>
#include <fmt/core.h>

#include <takt/async/asio/asio.hpp>
#include <takt/async/tasks/run.hpp>
#include <takt/messages/packages/std_msgs.hpp>
#include <takt/node/node.hpp>
#include <takt/registry/buses.hpp>

using namespace takt;
using async::asio_context;
using async::Task;
using async::use_result;
using node::Node;
using std_msgs::Byte;

namespace {

Task<void> app(std::string url) {
  boost::asio::serial_port reader(asio_context(), url);
  const auto bus = co_await open_bus();
  Node node("serial_bridge", bus);
  co_await with_node(node, [&]() -> Task<void> {
    const auto pub = node.publisher<Byte>("/serial/rx");
    std::array<std::byte, 1> data{};
    while (co_await reader.async_read_some(boost::asio::buffer(data), use_result)) {
      if (!co_await pub.publish_when_ready({.data = data[0]})) {
        break;
      }
    }
  });
  fmt::print("the port has ended\n");
}

}  // namespace

int main(int argc, char** argv) {
  return async::run(app(argc > 1 ? argv[1] : "/dev/ttyUSB0"));
}
