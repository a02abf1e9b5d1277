#include "child.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "takt/core/error.hpp"

namespace takt::test {

Child::Child(std::vector<std::string> arguments) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw SystemError("pipe2", errno);
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  arguments.insert(arguments.begin(), "/proc/self/exe");
  std::vector<char*> raw;
  for (std::string& argument : arguments) {
    raw.push_back(argument.data());
  }
  raw.push_back(nullptr);
  const int error = posix_spawn(&process_, "/proc/self/exe", &actions, nullptr, raw.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  output_ = ends[0];
  if (error != 0) {
    throw SystemError("posix_spawn", error);
  }
}

Child::~Child() {
  kill();
  close(output_);
}

std::optional<std::string> Child::read_line() {
  while (true) {
    if (const auto end = unread_.find('\n'); end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    std::array<char, 256> buffer{};
    const ssize_t count = read(output_, buffer.data(), buffer.size());
    if (count == 0 || (count < 0 && errno != EINTR)) {
      return std::nullopt;
    }
    unread_.append(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
  }
}

void Child::send(int signal) const {
  if (process_ > 0) {
    ::kill(process_, signal);
  }
}

void Child::kill() {
  send(SIGKILL);
  static_cast<void>(wait());
}

int Child::wait() {
  if (process_ <= 0) {
    return 0;
  }
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::size_t Child::open_descriptors() const {
  const std::filesystem::directory_iterator all("/proc/" + std::to_string(process_) + "/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace takt::test
