#include "takt/async/internal/zygote_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "takt/async/internal/isolated_child.hpp"
#include "takt/async/internal/zygote_messages.hpp"
#include "takt/core/file_descriptor.hpp"
#include "takt/core/thread_names.hpp"

// Descriptors of the zygote: 0, 1, 2, the control socket, a signalfd for SIGCHLD, and one life socket per child. Only
// the zygote holds the far end of a life socket, so its end of file at the parent means: reaped and told, or zygote
// dead.

namespace takt::async::internal {
namespace {

constexpr int kFirstOwnDescriptor = 3;

struct Child {
  pid_t process;
  core::FileDescriptor life;
  bool killed{false};
};

/// Default handlers, but for what only the program may act on: a terminal's Ctrl-C and a service manager's SIGTERM
/// reach every process of the group.
void reset_signal_handlers() noexcept {
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction action{};
    action.sa_handler = signal == SIGINT || signal == SIGTERM || signal == SIGHUP ? SIG_IGN : SIG_DFL;
    sigaction(signal, &action, nullptr);  // refused for the few that have no handler
  }
}

core::FileDescriptor make_child_signal() noexcept {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGCHLD);
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  return core::FileDescriptor(signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK));
}

/// Closes everything but the standard streams and a copy of `control` that is none of them, which it returns. Standard
/// input becomes empty: a child must not take the program's.
int keep_only(int control) noexcept {
  const int kept = fcntl(control, F_DUPFD_CLOEXEC, kFirstOwnDescriptor);
  close_range(kFirstOwnDescriptor, static_cast<unsigned>(kept) - 1, 0);
  close_range(static_cast<unsigned>(kept) + 1, ~0U, 0);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(null, STDIN_FILENO);
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) < 0) {
      dup2(null, stream);  // closed in the program: the number must not become something else's
    }
  }
  if (null >= kFirstOwnDescriptor) {
    close(null);
  }
  return kept;
}

class ZygoteProcess {
 public:
  ZygoteProcess(int control, core::FileDescriptor child_signal) noexcept
      : control_(control), child_signal_(std::move(child_signal)) {}

  [[noreturn]] void run();

 private:
  void take_order();
  void start(const StartOrder& order, std::array<core::FileDescriptor, kStartDescriptors> descriptors);
  void reap();
  void kill_abandoned(const std::vector<pollfd>& polled);

  int control_;
  core::FileDescriptor child_signal_;
  std::vector<Child> children_;
};

void tell(const core::FileDescriptor& life, LifeMessage message) noexcept {
  send(life.get(), &message, sizeof(message), MSG_NOSIGNAL | MSG_DONTWAIT);  // nobody there: nobody wants to know
}

void ZygoteProcess::run() {
  std::vector<pollfd> polled;
  while (true) {
    polled.assign({{control_, POLLIN, 0}, {child_signal_.get(), POLLIN, 0}});
    for (const Child& child : children_) {
      // A killed one's stays readable until the child is reaped, which takes as long as its memory is large.
      polled.push_back({child.killed ? -1 : child.life.get(), POLLIN, 0});
    }
    if (poll(polled.data(), polled.size(), -1) < 0) {
      continue;  // interrupted
    }
    kill_abandoned(polled);  // before the list changes
    if (polled[1].revents != 0) {
      reap();
    }
    if (polled[0].revents != 0) {
      take_order();
    }
  }
}

/// The parent never sends on a life socket: readable is its end.
void ZygoteProcess::kill_abandoned(const std::vector<pollfd>& polled) {
  for (std::size_t index = 0; index < children_.size(); ++index) {
    if (polled[index + 2].revents != 0) {
      kill(children_[index].process, SIGKILL);  // not reaped, so the number is still its own
      children_[index].killed = true;
    }
  }
}

void ZygoteProcess::reap() {
  signalfd_siginfo ignored;
  while (read(child_signal_.get(), &ignored, sizeof(ignored)) > 0) {
  }
  int status = 0;
  for (pid_t process = waitpid(-1, &status, WNOHANG); process > 0; process = waitpid(-1, &status, WNOHANG)) {
    const auto child = std::ranges::find(children_, process, &Child::process);
    if (child != children_.end()) {
      tell(child->life, {LifeMessage::Kind::kEnded, status});
      children_.erase(child);
    }
  }
}

void ZygoteProcess::take_order() {
  StartOrder order;
  iovec bytes{&order, sizeof(order)};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kStartDescriptors * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t received = recvmsg(control_, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (received == 0) {
    _exit(0);  // the program is done with us; the kernel kills the children
  }
  std::array<core::FileDescriptor, kStartDescriptors> descriptors;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    std::array<int, kStartDescriptors> numbers{-1, -1, -1};
    std::memcpy(numbers.data(), CMSG_DATA(part), std::min(part->cmsg_len - CMSG_LEN(0), sizeof(numbers)));
    std::ranges::transform(numbers, descriptors.begin(), [](int number) { return core::FileDescriptor(number); });
  }
  if (received == sizeof(order)) {
    start(order, std::move(descriptors));
  }
}

void ZygoteProcess::start(const StartOrder& order, std::array<core::FileDescriptor, kStartDescriptors> descriptors) {
  auto& [memory, bell, life] = descriptors;
  if (!life) {
    return;  // out of descriptors: those that did not fit are closed, which the parent sees as a lost child
  }
  const pid_t zygote = getpid();
  const pid_t process = fork();
  if (process == 0) {
    run_isolated_child(order, memory.release(), bell.release(), zygote);
  }
  if (process < 0) {
    tell(life, {LifeMessage::Kind::kNotStarted, errno});
    return;
  }
  children_.push_back({process, std::move(life)});
}

}  // namespace

void run_zygote_process(int control, pid_t parent) noexcept {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    _exit(0);  // it died before we asked to be told
  }
  core::set_current_thread_name("zygote");
  reset_signal_handlers();
  const int kept = keep_only(control);
  core::FileDescriptor child_signal = make_child_signal();
  if (kept < 0 || !child_signal) {
    _exit(1);
  }
  ZygoteProcess(kept, std::move(child_signal)).run();
}

}  // namespace takt::async::internal
