#include "takt/async/test/isolate_helpers.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace takt::async {

using namespace internal;
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

bool readable(int descriptor, milliseconds patience) {
  pollfd polled{descriptor, POLLIN, 0};
  return poll(&polled, 1, static_cast<int>(patience.count())) > 0;
}

}  // namespace

Reply wait_for_reply(IsolatedProcess& process, milliseconds deadline) {
  const auto end_of_patience = steady_clock::now() + deadline;
  while (true) {
    if (const auto reply = process.try_collect()) {
      return *reply;
    }
    std::array<pollfd, 2> polled{{{process.reply_bell(), POLLIN, 0}, {process.life(), POLLIN, 0}}};
    const auto left = duration_cast<milliseconds>(end_of_patience - steady_clock::now());
    if (poll(polled.data(), polled.size(), static_cast<int>(std::max(left.count(), milliseconds::rep{0}))) == 0) {
      process.give_up(deadline);
    }
  }
}

ProcessEnd wait_for_end(IsolatedProcess& process) {
  while (true) {
    if (const auto end = process.try_end()) {
      return *end;
    }
    if (!readable(process.life(), kPatience)) {
      throw std::runtime_error("the child does not end");
    }
  }
}

Reply call_raw(IsolatedProcess& process, Dispatcher dispatcher, RequestKind kind) {
  process.submit(kind, dispatcher, nullptr, 0);
  return wait_for_reply(process);
}

std::size_t reply_with(ServedCall& call, const std::string& text) {
  std::memcpy(call.reply.data(), text.data(), text.size());
  return text.size();
}

std::string text_of(const Reply& reply) {
  return {reinterpret_cast<const char*>(reply.bytes.data()), reply.bytes.size()};
}

core::FileDescriptor watch_process(pid_t process) {
  core::FileDescriptor watched(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
  if (!watched) {
    throw std::system_error(errno, std::generic_category(), "pidfd_open " + std::to_string(process));
  }
  return watched;
}

bool ends(const core::FileDescriptor& watched) {
  return readable(watched.get(), kPatience);
}

testing::AssertionResult contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos
             ? testing::AssertionSuccess()
             : testing::AssertionFailure() << "'" << text << "' has no '" << part << "'";
}

std::vector<int> open_descriptors() {
  std::vector<int> numbers;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    numbers.push_back(std::stoi(entry.path().filename()));
  }
  std::ranges::sort(numbers);
  // The directory itself was open while it was read.
  std::erase_if(numbers, [](int number) { return fcntl(number, F_GETFD) < 0; });
  return numbers;
}

OtherProgram::OtherProgram(std::vector<std::string> role) {
  role.insert(role.begin(), "isolate_tests");
  std::vector<char*> arguments;
  for (std::string& word : role) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe");
  }
  output_ = core::FileDescriptor(ends[0]);
  const core::FileDescriptor theirs(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, theirs.get(), STDOUT_FILENO);
  const int error = posix_spawn(&process_, "/proc/self/exe", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw std::system_error(error, std::generic_category(), "posix_spawn");
  }
}

OtherProgram::~OtherProgram() {
  if (process_ > 0) {
    kill();
    wait();
  }
}

std::optional<std::string> OtherProgram::line() {
  std::string text;
  char byte = 0;
  while (read(output_.get(), &byte, 1) == 1) {
    if (byte == '\n') {
      return text;
    }
    text += byte;
  }
  return std::nullopt;
}

void OtherProgram::kill() {
  ::kill(process_, SIGKILL);
}

int OtherProgram::wait() {
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = -1;
  return status;
}

}  // namespace takt::async
