#pragma once

#include <string>
#include <utility>
#include <vector>

#include "takt/async/tasks/task.hpp"

/// The parts that processes play in the fault tests. Each ends with SIGTERM.
namespace takt::test {

/// The words of a command line that are left.
class Words {
 public:
  explicit Words(std::vector<std::string> words) : words_(std::move(words)) {}

  /// The next. @throws ConfigError when there is none
  [[nodiscard]] std::string take();
  [[nodiscard]] std::size_t take_number() { return std::stoul(take()); }
  /// All that are left: URIs.
  [[nodiscard]] std::vector<std::string> rest() { return std::move(words_); }

 private:
  std::vector<std::string> words_;
};

/// A line on standard output, at once.
void say(const std::string& line);

/// NAME OTHER asks|says URI…: 100 numbers a second to the other end of a link, reliably, and calls of it, one after the
/// other; or best effort, and no calls. Says every 100 ms what it has seen, as JSON.
[[nodiscard]] async::Task<void> talk(Words words);

/// INDEX COUNT URI…: one of COUNT processes. Says "complete" when the graph has the nodes of all and each was heard,
/// and once a second how far that is, as JSON.
[[nodiscard]] async::Task<void> member(Words words);

/// COUNT URI…: that many nodes on one bus. Says "open", and answers on /answers with each node's name what is said on
/// /calls.
[[nodiscard]] async::Task<void> crowd(Words words);

/// COUNT URI…: says "complete" when that many nodes of a crowd are in the graph and have answered, and "alone" when
/// they have gone again; and once a second how far that is, as JSON.
[[nodiscard]] async::Task<void> caller(Words words);

/// latest|last|all BYTES PER_SECOND COUNT URI…: so many messages on /flood as fast as that, with that quality of
/// service, then ten a second. Says what it has sent, and how often it had to wait for its readers, as JSON.
[[nodiscard]] async::Task<void> flood(Words words);

/// latest|last|all PAUSE_MS URI…: takes so long for each message on /flood. Says what it has got as JSON.
[[nodiscard]] async::Task<void> slow(Words words);

}  // namespace takt::test
