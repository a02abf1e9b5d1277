#include "child.hpp"

#include <array>
#include <cerrno>
#include <csignal>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "takt/core/error.hpp"

namespace takt::bench {
namespace {

constexpr int kPatience_ms = 60'000;

[[noreturn]] void serve_for_ever(int socket, const std::function<void(std::uint32_t)>& serve) {
  for (std::uint32_t question = 0; read(socket, &question, sizeof(question)) == sizeof(question);) {
    serve(question);
    if (write(socket, &question, sizeof(question)) != sizeof(question)) {
      break;
    }
  }
  _exit(0);
}

}  // namespace

Child::Child(const std::function<void(std::uint32_t)>& serve) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw SystemError("cannot make a socket to a child", errno);
  }
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
      _exit(1);
    }
    close(ends[0]);
    serve_for_ever(ends[1], serve);
  }
  close(ends[1]);
  socket_ = ends[0];
  if (pid_ < 0) {
    close(socket_);
    throw SystemError("cannot fork", errno);
  }
}

Child::~Child() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  close(socket_);
}

void Child::ask(std::uint32_t question) {
  begin(question);
  finish();
}

bool Child::try_ask(std::uint32_t question) noexcept {
  return try_begin(question) && try_finish();
}

void Child::begin(std::uint32_t question) {
  if (!try_begin(question)) {
    throw SystemError("a child process of the bench cannot be asked", errno);
  }
}

void Child::finish() {
  if (!try_finish()) {
    throw SystemError("a child process of the bench does not answer", errno);
  }
}

bool Child::try_begin(std::uint32_t question) noexcept {
  return write(socket_, &question, sizeof(question)) == sizeof(question);
}

bool Child::try_finish() noexcept {
  std::uint32_t answer = 0;
  pollfd answered = {.fd = socket_, .events = POLLIN, .revents = 0};
  return poll(&answered, 1, kPatience_ms) == 1 && read(socket_, &answer, sizeof(answer)) == sizeof(answer);
}

}  // namespace takt::bench
