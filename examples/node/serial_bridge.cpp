// A bridge to a serial port: each line that comes is said on /serial/rx, each message on /serial/tx goes out as a line.
//
//   serial_bridge [DEVICE]

#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/serial_port.hpp>
#include <boost/asio/write.hpp>
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
using async::use_task;
using node::Node;
using std_msgs::String;
namespace asio = boost::asio;

namespace {

constexpr std::size_t kLongestLine = 1024;

Task<void> app(std::string device) {
  asio::serial_port port(asio_context(), device);
  port.set_option(asio::serial_port::baud_rate(115200));
  const auto bus = co_await open_bus();
  Node node("serial_bridge", bus);
  node.subscribe<String>("/serial/tx", [&](const String& message) -> Task<void> {
    const std::string line = message.data + "\n";
    co_await asio::async_write(port, asio::buffer(line), use_task);
  });
  const auto rx = node.publisher<String>("/serial/rx");
  co_await with_node(node, [&]() -> Task<void> {
    std::string buffer;
    auto lines = asio::dynamic_buffer(buffer, kLongestLine);
    while (const auto size = co_await asio::async_read_until(port, lines, '\n', use_result)) {
      String line;
      line.data = buffer.substr(0, *size - 1);
      buffer.erase(0, *size);
      if (!co_await rx.publish_when_ready(line)) {
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
