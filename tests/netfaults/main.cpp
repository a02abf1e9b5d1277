// What the fault tests start: netfault_peer ROLE WORD… (roles.hpp).

#include <cstdio>
#include <functional>
#include <map>
#include <string>

#include "takt/async/tasks/run.hpp"
#include "takt/core/error.hpp"

#include "roles.hpp"

namespace takt::test {

std::string Words::take() {
  if (words_.empty()) {
    throw ConfigError("command line", 0, "", "a word is missing");
  }
  std::string first = std::move(words_.front());
  words_.erase(words_.begin());
  return first;
}

void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

namespace {

async::Task<void> play(Words words) {
  const std::map<std::string, async::Task<void> (*)(Words)> roles = {
      {"talk", talk}, {"member", member}, {"crowd", crowd}, {"caller", caller}, {"flood", flood}, {"slow", slow}};
  const std::string name = words.take();
  const auto role = roles.find(name);
  if (role == roles.end()) {
    throw ConfigError("command line", 0, "", "'" + name + "' is no role");
  }
  co_await role->second(std::move(words));
}

}  // namespace
}  // namespace takt::test

int main(int argc, char** argv) {
  return takt::async::run(takt::test::play(takt::test::Words({argv + 1, argv + argc})));
}
