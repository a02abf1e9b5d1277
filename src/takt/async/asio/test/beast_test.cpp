#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <gtest/gtest.h>

#include "takt/async/asio/asio.hpp"
#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"

// HTTP and WebSockets of Boost.Beast, server and client in two tasks of one loop.
namespace takt::async {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using namespace std::chrono_literals;
using asio::ip::tcp;
using WebSocket = websocket::stream<beast::tcp_stream>;

struct Server {
  tcp::acceptor acceptor{asio_context(), {asio::ip::address_v4::loopback(), 0}};
  [[nodiscard]] tcp::endpoint endpoint() const { return acceptor.local_endpoint(); }
};

Task<void> serve_http(Server* server, int requests) {
  beast::tcp_stream stream(co_await server->acceptor.async_accept(use_task));
  beast::flat_buffer buffer;
  for (int i = 0; i < requests; ++i) {
    http::request<http::string_body> request;
    co_await http::async_read(stream, buffer, request, use_task);
    http::response<http::string_body> response(http::status::ok, request.version());
    response.body() = std::string(request.method_string()) + " " + std::string(request.target()) + " " + request.body();
    response.prepare_payload();
    co_await http::async_write(stream, response, use_task);
  }
}

Task<std::string> ask(beast::tcp_stream* stream, std::string target) {
  http::request<http::string_body> request(http::verb::post, target, 11);
  request.set(http::field::host, "localhost");
  request.body() = std::string(100'000, 'x');  // several reads and writes
  request.prepare_payload();
  co_await http::async_write(*stream, request, use_task);
  beast::flat_buffer buffer;
  http::response<http::string_body> response;
  co_await http::async_read(*stream, buffer, response, use_task);
  co_return response.body();
}

TEST(BeastTest, HttpRequestsAndResponses) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    Server server;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("server", serve_http(&server, 3));
      beast::tcp_stream stream(asio_context());
      co_await stream.async_connect(server.endpoint(), use_task);
      for (int i = 0; i < 3; ++i) {
        const std::string target = "/" + std::to_string(i);
        EXPECT_EQ(co_await ask(&stream, target), "POST " + target + " " + std::string(100'000, 'x'));
      }
      co_return kJoin;
    });
  }());
}

TEST(BeastTest, AnHttpResponseThatNeverComesEndsWithItsTimeout) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    Server server;
    beast::tcp_stream stream(asio_context());
    co_await stream.async_connect(server.endpoint(), use_task);
    const tcp::socket silent = co_await server.acceptor.async_accept(use_task);
    EXPECT_FALSE((co_await with_timeout(5ms, ask(&stream, "/"))).has_value());
  }());
}

TEST(BeastTest, BeastsOwnTimeoutIsAnError) {
  EventLoop loop;
  const auto app = []() -> Task<void> {
    Server server;
    beast::tcp_stream stream(asio_context());
    co_await stream.async_connect(server.endpoint(), use_task);
    const tcp::socket silent = co_await server.acceptor.async_accept(use_task);
    beast::flat_buffer buffer;
    http::response<http::string_body> response;
    stream.expires_after(5ms);
    co_await http::async_read(stream, buffer, response, use_task);
  };
  try {
    loop.run(app());
    ADD_FAILURE() << "nothing was thrown";
  } catch (const boost::system::system_error& error) {
    EXPECT_EQ(error.code(), beast::error::timeout);
  }
}

Task<void> echo_messages(Server* server) {
  WebSocket socket(co_await server->acceptor.async_accept(use_task));
  co_await socket.async_accept(use_task);
  beast::flat_buffer buffer;
  while (true) {
    const auto bytes = co_await socket.async_read(buffer, use_result);
    if (!bytes) {
      EXPECT_EQ(bytes.error(), websocket::error::closed);
      co_return;
    }
    socket.text(socket.got_text());
    co_await socket.async_write(buffer.data(), use_task);
    buffer.clear();
  }
}

Task<void> handshake(WebSocket* socket, tcp::endpoint server) {
  co_await beast::get_lowest_layer(*socket).async_connect(server, use_task);
  co_await socket->async_handshake("localhost", "/", use_task);
}

TEST(BeastTest, AWebSocketEcho) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    Server server;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("server", echo_messages(&server));
      WebSocket socket(asio_context());
      co_await handshake(&socket, server.endpoint());
      for (const std::size_t size : {0U, 1U, 1000U, 300'000U}) {
        const std::string sent(size, 'm');
        co_await socket.async_write(asio::buffer(sent), use_task);
        beast::flat_buffer buffer;
        EXPECT_EQ(co_await socket.async_read(buffer, use_task), size);
        EXPECT_EQ(beast::buffers_to_string(buffer.data()), sent);
      }
      co_await socket.async_close(websocket::close_code::normal, use_task);
      co_return kJoin;
    });
  }());
}

TEST(BeastTest, AWebSocketReadIsCalledOffByItsScope) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    Server server;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("server", echo_messages(&server));
      WebSocket socket(asio_context());
      co_await handshake(&socket, server.endpoint());
      beast::flat_buffer buffer;
      EXPECT_FALSE((co_await with_timeout(5ms, socket.async_read(buffer, use_task))).has_value());
      co_return kCancel;
    });
  }());
}

}  // namespace
}  // namespace takt::async
