#include "slow_server.hpp"

#include <array>
#include <cerrno>
#include <string_view>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/core/thread_names.hpp"

SlowServer::SlowServer(std::chrono::milliseconds delay)
    : delay_(delay), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || bind(listener_, generic, size) != 0 || listen(listener_, 8) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    throw takt::SystemError("the slow server has no port", errno);
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

SlowServer::~SlowServer() {
  shutdown(listener_, SHUT_RDWR);  // accept() fails from now on
  thread_.join();
  close(listener_);
}

void SlowServer::serve() const {
  takt::core::set_current_thread_name("slow_server");
  for (;;) {
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) {
      return;
    }
    std::array<char, 64> request{};
    static_cast<void>(recv(connection, request.data(), request.size(), 0));
    std::this_thread::sleep_for(delay_);
    constexpr std::string_view kAnswer = "the cup is left of the plate\n";
    static_cast<void>(send(connection, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL));
    close(connection);
  }
}
