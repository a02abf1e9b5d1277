#include "ddsperf.hpp"

#include <array>
#include <csignal>
#include <string>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "takt/core/error.hpp"

#include "bare_dds.hpp"

namespace takt::bench {

dds::PlainTopic ddsperf_topic() {
  return {.name = "/ddsperf", .topic = "DDSPerfRDataOU", .type = "OneULong"};
}

Ddsperf::Ddsperf(std::uint32_t domain) {
  // Its end, should nobody stop it.
  std::vector<std::string> words = {"ddsperf", "-i", std::to_string(domain), "-D", "120", "-T", "OU", "pub"};
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  std::string configuration = std::string("CYCLONEDDS_URI=") + loopback_configuration();
  std::vector<char*> variables = {configuration.data()};
  for (char** variable = environ; *variable != nullptr; ++variable) {
    variables.push_back(*variable);
  }
  variables.push_back(nullptr);
  posix_spawn_file_actions_t silence;
  posix_spawn_file_actions_init(&silence);
  posix_spawn_file_actions_addopen(&silence, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  const int error = posix_spawnp(&pid_, arguments[0], &silence, nullptr, arguments.data(), variables.data());
  posix_spawn_file_actions_destroy(&silence);
  if (error != 0) {
    throw SystemError("bench: ddsperf cannot be started (apt install cyclonedds-tools)", error);
  }
}

Ddsperf::~Ddsperf() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

}  // namespace takt::bench
