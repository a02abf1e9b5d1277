#include "takt/async/asio/asio.hpp"

#include <array>
#include <csignal>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/serial_port.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"

// What people use Asio for, each over the real thing: sockets on the loopback interface, a pseudo terminal, a pipe; and
// operations of their own.
namespace takt::async {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::ip::tcp;
using asio::ip::udp;
using boost::system::error_code;

Task<void> echo(tcp::socket socket) {
  std::array<char, 1024> buffer{};
  while (true) {
    const auto bytes = co_await socket.async_read_some(asio::buffer(buffer), use_result);
    if (!bytes) {
      EXPECT_EQ(bytes.error(), asio::error::eof);
      co_return;
    }
    co_await asio::async_write(socket, asio::buffer(buffer, *bytes), use_task);
  }
}

Task<void> serve_echo(tcp::acceptor* acceptor) {
  co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
    while (true) {
      nursery.start("connection", echo(co_await acceptor->async_accept(use_task)));
    }
  });
}

Task<void> talk(tcp::endpoint server, int messages) {
  tcp::socket socket(asio_context());
  co_await socket.async_connect(server, use_task);
  for (int i = 0; i < messages; ++i) {
    const std::string sent = "message " + std::to_string(i);
    co_await asio::async_write(socket, asio::buffer(sent), use_task);
    std::string got(sent.size(), ' ');
    co_await asio::async_read(socket, asio::buffer(got), use_task);
    EXPECT_EQ(got, sent);
  }
}

Task<void> run_clients(tcp::endpoint server, int clients, int messages) {
  co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
    for (int i = 0; i < clients; ++i) {
      nursery.start("client", talk(server, messages));
    }
    co_return kJoin;
  });
}

/// `clients` connections at once to an echo server on the same loop.
Task<void> many_connections(int clients, int messages) {
  tcp::acceptor acceptor(asio_context(), {asio::ip::address_v4::loopback(), 0});
  acceptor.listen(clients);
  co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
    nursery.start("server", serve_echo(&acceptor));
    co_await run_clients(acceptor.local_endpoint(), clients, messages);
    co_return kCancel;
  });
}

TEST(AsioTest, TcpEchoBetweenTwoTasks) {
  EventLoop loop;
  loop.run(many_connections(1, 100));
}

TEST(AsioTest, AHundredConnectionsAtOnce) {
  EventLoop loop;
  loop.run(many_connections(100, 10));
}

TEST(AsioTest, TcpEchoOnVirtualTimeNeedsNoTime) {
  EventLoop loop(LoopTime::kVirtual);
  loop.run(many_connections(3, 10));
  EXPECT_EQ(loop.clock().now_ns(), 0);
}

TEST(AsioTest, AConnectionThatIsRefusedIsAnErrorThatSaysSo) {
  EventLoop loop;
  const auto app = []() -> Task<void> {
    tcp::acceptor nobody(asio_context(), {asio::ip::address_v4::loopback(), 0});
    const tcp::endpoint endpoint = nobody.local_endpoint();
    nobody.close();
    tcp::socket socket(asio_context());
    co_await socket.async_connect(endpoint, use_task);
  };
  try {
    loop.run(app());
    ADD_FAILURE() << "nothing was thrown";
  } catch (const boost::system::system_error& error) {
    EXPECT_EQ(error.code(), asio::error::connection_refused);
    EXPECT_NE(std::string(error.what()).find("async_connect: Connection refused"), std::string::npos) << error.what();
  }
}

TEST(AsioTest, UdpEchoBetweenTwoTasks) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    const udp::endpoint any(asio::ip::address_v4::loopback(), 0);
    udp::socket server(asio_context(), any);
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("server", [&]() -> Task<void> {
        std::array<char, 64> buffer{};
        while (true) {
          udp::endpoint sender;
          const std::size_t bytes = co_await server.async_receive_from(asio::buffer(buffer), sender, use_task);
          co_await server.async_send_to(asio::buffer(buffer, bytes), sender, use_task);
        }
      });
      udp::socket client(asio_context(), any);
      for (int i = 0; i < 20; ++i) {
        const std::string sent = std::to_string(i);
        std::array<char, 64> buffer{};
        udp::endpoint sender;
        co_await client.async_send_to(asio::buffer(sent), server.local_endpoint(), use_task);
        const std::size_t bytes = co_await client.async_receive_from(asio::buffer(buffer), sender, use_task);
        EXPECT_EQ(std::string(buffer.data(), bytes), sent);
        EXPECT_EQ(sender, server.local_endpoint());
      }
      co_return kCancel;
    });
  }());
}

TEST(AsioTest, AResolverThreadFindsALiteralAddress) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    tcp::acceptor acceptor(asio_context(), {asio::ip::address_v4::loopback(), 0});
    tcp::resolver resolver(asio_context());
    const tcp::resolver::results_type found =
        co_await resolver.async_resolve("127.0.0.1", std::to_string(acceptor.local_endpoint().port()),
                                        tcp::resolver::numeric_host | tcp::resolver::numeric_service, use_task);
    EXPECT_EQ(found.size(), 1U);
    tcp::socket socket(asio_context());
    const tcp::endpoint connected = co_await asio::async_connect(socket, found, use_task);
    EXPECT_EQ(connected, acceptor.local_endpoint());
  }());
}

Task<void> talk_to_servo(std::string device, int other_side) {
  asio::serial_port port(asio_context(), device);  // Asio makes it raw
  port.set_option(asio::serial_port::baud_rate(115200));
  asio::posix::stream_descriptor servo(asio_context(), other_side);
  std::array<char, 16> buffer{};
  co_await asio::async_write(port, asio::buffer("ping", 4), use_task);
  EXPECT_EQ(co_await asio::async_read(servo, asio::buffer(buffer, 4), use_task), 4U);
  EXPECT_FALSE((co_await with_timeout(2ms, port.async_read_some(asio::buffer(buffer), use_task))).has_value());
  co_await asio::async_write(servo, asio::buffer("pong!", 5), use_task);
  EXPECT_EQ(co_await asio::async_read(port, asio::buffer(buffer, 5), use_task), 5U);
  EXPECT_EQ(std::string(buffer.data(), 5), "pong!");
}

TEST(AsioTest, ASerialPort) {
  int other_side = -1;
  int device_descriptor = -1;
  std::array<char, 64> device{};
  if (openpty(&other_side, &device_descriptor, device.data(), nullptr, nullptr) != 0) {
    GTEST_SKIP() << "there are no pseudo terminals here";
  }
  EventLoop loop;
  loop.run(talk_to_servo(device.data(), other_side));
  close(device_descriptor);
}

TEST(AsioTest, LinesFromAPipe) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe(ends.data()), 0);
    asio::posix::stream_descriptor reader(asio_context(), ends[0]);
    asio::posix::stream_descriptor writer(asio_context(), ends[1]);
    co_await asio::async_write(writer, asio::buffer("one\ntwo\n", 8), use_task);
    writer.close();
    std::string text;
    std::vector<std::string> lines;
    for (int i = 0; i < 2; ++i) {
      const std::size_t bytes = co_await asio::async_read_until(reader, asio::dynamic_buffer(text), '\n', use_task);
      lines.push_back(text.substr(0, bytes));
      text.erase(0, bytes);
    }
    EXPECT_EQ(lines, (std::vector<std::string>{"one\n", "two\n"}));
    EXPECT_FALSE((co_await asio::async_read_until(reader, asio::dynamic_buffer(text), '\n', use_result)).has_value());
  }());
}

TEST(AsioTest, ASignalSet) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    asio::signal_set signals(asio_context(), SIGUSR2);
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("sender", []() -> Task<void> {
        co_await sleep_for(1ms);
        raise(SIGUSR2);
      });
      EXPECT_EQ(co_await signals.async_wait(use_task), SIGUSR2);
      co_return kJoin;
    });
    EXPECT_FALSE((co_await with_timeout(1ms, signals.async_wait(use_task))).has_value());
  }());
}

TEST(AsioTest, ACancellationWhileTheOperationBeginsIsNotLost) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    asio::steady_timer timer(asio_context(), 1h);
    CancelScope scope;
    auto waits = asio::async_initiate<const UseTask&, void(error_code)>(
        [&](auto handler) {
          scope.cancel("while it begins");
          timer.async_wait(std::move(handler));
        },
        use_task);
    const bool finished = co_await scope.run(std::move(waits));
    EXPECT_FALSE(finished);
  }());
}

TEST(AsioTest, AResultThatCameWhileTheOperationBeganStands) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    CancelScope scope;
    auto gives = asio::async_initiate<const UseTask&, void(error_code, int)>(
        [&](auto handler) {
          std::move(handler)(error_code(), 7);
          scope.cancel("too late");
        },
        use_task);
    const std::optional<int> result = co_await scope.run(std::move(gives));
    EXPECT_EQ(result, 7);
  }());
}

}  // namespace
}  // namespace takt::async
