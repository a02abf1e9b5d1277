#include "child.hpp"

#include <array>
#include <chrono>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace takt::dds::test {
namespace {

using namespace std::chrono_literals;

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) {
    result.push_back(text.data());
  }
  return result;
}

}  // namespace

Child::Child(const std::vector<std::string>& command, const std::vector<std::string>& environment) {
  std::array<int, 2> input{};
  std::array<int, 2> output{};
  if (::pipe2(input.data(), O_CLOEXEC) != 0 || ::pipe2(output.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDERR_FILENO);
  std::vector<std::string> words = command;
  std::vector<char*> arguments = pointers(words);
  arguments.push_back(nullptr);
  std::vector<std::string> more = environment;
  std::vector<char*> variables = pointers(more);
  for (char** variable = environ; *variable != nullptr; ++variable) {
    variables.push_back(*variable);
  }
  variables.push_back(nullptr);
  const int error = ::posix_spawnp(&pid_, arguments[0], &actions, nullptr, arguments.data(), variables.data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(input[0]);
  ::close(output[1]);
  input_ = input[1];
  output_ = output[0];
  if (error != 0) {
    ::close(input_);
    ::close(output_);
    throw std::runtime_error("cannot start " + command[0]);
  }
}

Child::~Child() {
  ::close(input_);
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
      break;
    }
    std::this_thread::sleep_for(2ms);
  }
  ::close(output_);
}

bool Child::read_more(int timeout_ms) {
  pollfd descriptor{.fd = output_, .events = POLLIN, .revents = 0};
  if (::poll(&descriptor, 1, timeout_ms) <= 0) {
    return true;
  }
  std::array<char, 4096> buffer{};
  const ssize_t count = ::read(output_, buffer.data(), buffer.size());
  if (count <= 0) {
    return false;
  }
  said_.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

bool Child::says(const std::string& text) {
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (!said_.contains(text) && std::chrono::steady_clock::now() < deadline && read_more(100)) {
  }
  return said_.contains(text);
}

bool Child::says_soon(const std::string& text) {
  (void)read_more(20);
  return said_.contains(text);
}

const std::string& Child::all() {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (std::chrono::steady_clock::now() < deadline && read_more(100)) {
  }
  return said_;
}

}  // namespace takt::dds::test
