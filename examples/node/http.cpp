// A service whose handler asks a web server: what Asio and Beast do, a coroutine of a node awaits.
//
//   http [HOST [PORT]]

#include <string>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <takt/async/asio/asio.hpp>
#include <takt/async/tasks/run.hpp>
#include <takt/messages/packages/std_srvs.hpp>
#include <takt/node/node.hpp>
#include <takt/registry/buses.hpp>

using namespace takt;
using async::asio_context;
using async::Task;
using async::use_task;
using node::Node;
using std_srvs::SetBool;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::asio::ip::tcp;

namespace {

Task<std::string> get(std::string host, std::string port, std::string target) {
  tcp::resolver resolver(asio_context());
  const auto addresses = co_await resolver.async_resolve(host, port, use_task);
  beast::tcp_stream stream(asio_context());
  co_await boost::asio::async_connect(stream.socket(), addresses, use_task);
  http::request<http::empty_body> request(http::verb::get, target, 11);
  request.set(http::field::host, host);
  co_await http::async_write(stream, request, use_task);
  beast::flat_buffer buffer;
  http::response<http::string_body> response;
  co_await http::async_read(stream, buffer, response, use_task);
  co_return response.body();
}

Task<void> app(std::string host, std::string port) {
  const auto handle_set = [&](const SetBool::Request& request) -> Task<SetBool::Response> {
    SetBool::Response response;
    response.success = request.data;
    response.message = co_await get(host, port, "/data");
    co_return response;
  };
  const auto bus = co_await open_bus();
  Node node("my_node", bus);
  node.serve<SetBool>("/my_service", handle_set);
  co_await node.run();
}

}  // namespace

int main(int argc, char** argv) {
  return async::run(app(argc > 1 ? argv[1] : "api.example.com", argc > 2 ? argv[2] : "80"));
}
