// A bridge to the web: GET /topic gives what was said last on that topic, POST /set_bool calls that service, both JSON.
//
//   http_bridge [PORT] &  curl -d '{"data": true}' http://127.0.0.1:8080/set_bool

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/core.h>

#include <takt/async/asio/asio.hpp>
#include <takt/async/tasks/nursery.hpp>
#include <takt/async/tasks/run.hpp>
#include <takt/messages/json.hpp>
#include <takt/messages/packages/std_msgs.hpp>
#include <takt/messages/packages/std_srvs.hpp>
#include <takt/node/node.hpp>
#include <takt/registry/buses.hpp>

using namespace takt;
using namespace std::chrono_literals;
using async::asio_context;
using async::Task;
using async::use_result;
using async::use_task;
using node::Node;
using std_msgs::String;
using std_srvs::SetBool;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

namespace {

struct Bridge {
  std::optional<String> last;
  node::Client<SetBool> client;
};

Task<Response> set_bool(const Bridge& bridge, const Request& request) {
  const auto wanted = messages::from_json<SetBool::Request>(request.body());
  if (!wanted) {
    co_return Response(http::status::bad_request, 11, wanted.error().text());
  }
  const auto response = co_await bridge.client.call(*wanted, {.timeout = 2s});
  if (!response) {
    co_return Response(http::status::bad_gateway, 11, to_string(response.error()));
  }
  co_return Response(http::status::ok, 11, messages::to_json(*response));
}

Task<Response> answer(const Bridge& bridge, const Request& request) {
  if (request.method() == http::verb::get && request.target() == "/topic" && bridge.last) {
    co_return Response(http::status::ok, 11, messages::to_json(*bridge.last));
  }
  if (request.method() == http::verb::post && request.target() == "/set_bool") {
    co_return co_await set_bool(bridge, request);
  }
  co_return Response(http::status::not_found, 11, "nothing yet");
}

/// One after the other, as long as the client asks.
Task<void> serve(const Bridge* bridge, tcp::socket socket) {
  beast::tcp_stream stream(std::move(socket));
  beast::flat_buffer buffer;
  Request request;
  while (co_await http::async_read(stream, buffer, request, use_result)) {
    Response response = co_await answer(*bridge, request);
    response.keep_alive(request.keep_alive());
    response.prepare_payload();
    const auto sent = co_await http::async_write(stream, response, use_result);
    if (!sent || !request.keep_alive()) {
      break;
    }
    request = {};
  }
}

Task<void> app(unsigned short port) {
  const auto bus = co_await open_bus();
  Node node("http_bridge", bus);
  Bridge bridge{.last = {}, .client = node.client<SetBool>("/set_bool")};
  node.subscribe<String>("/topic", [&](const String& message) { bridge.last = message; });
  tcp::acceptor acceptor(asio_context(), {boost::asio::ip::address_v4::loopback(), port});
  fmt::print("http://127.0.0.1:{}\n", acceptor.local_endpoint().port());
  co_await with_node(node, [&]() -> Task<void> {
    co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
      while (true) {
        tcp::socket socket = co_await acceptor.async_accept(use_task);
        nursery.start("connection", serve(&bridge, std::move(socket)));
      }
    });
  });
}

}  // namespace

int main(int argc, char** argv) {
  return async::run(app(argc > 1 ? static_cast<unsigned short>(std::atoi(argv[1])) : 8080));
}
