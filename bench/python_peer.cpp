#include "python_peer.hpp"

#include <array>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "takt/core/error.hpp"

namespace takt::bench {
namespace {

/// A pipe whose ends a child does not inherit, but by dup2.
std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw SystemError("cannot make a pipe to the Python peer");
  }
  return ends;
}

}  // namespace

PythonPeer::PythonPeer(const std::string& script) {
  const auto commands = make_pipe();
  const auto answers = make_pipe();
  pid_ = fork();
  if (pid_ == 0) {
    dup2(commands[0], STDIN_FILENO);
    dup2(answers[1], STDOUT_FILENO);
    execlp("python3", "python3", "-B", script.c_str(), "--serve", static_cast<char*>(nullptr));
    _exit(127);
  }
  close(commands[0]);
  close(answers[1]);
  to_ = fdopen(commands[1], "w");
  from_ = fdopen(answers[0], "r");
  if (pid_ < 0 || to_ == nullptr || from_ == nullptr) {
    throw SystemError("cannot start python3 " + script);
  }
}

PythonPeer::~PythonPeer() {
  std::fclose(to_);  // the end of its input ends it
  std::fclose(from_);
  waitpid(pid_, nullptr, 0);
}

Latency PythonPeer::run(const std::string& question, int count) {
  std::fprintf(to_, "%s %d\n", question.c_str(), count);
  std::fflush(to_);
  std::array<char, 512> line{};
  Latency latency;
  int answered = 0;
  if (std::fgets(line.data(), static_cast<int>(line.size()), from_) == nullptr ||
      std::sscanf(line.data(), R"({"count": %d, "p50_us": %lf, "p99_us": %lf, "max_us": %lf})", &answered,
                  &latency.p50_us, &latency.p99_us, &latency.max_us) < 3 ||
      answered != count) {
    throw SystemError(std::string("the Python peer (python3 3.9 or newer) answered: ") + line.data());
  }
  return latency;
}

}  // namespace takt::bench
