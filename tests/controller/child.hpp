#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace takt::test {

/// This program once more, as another process in a role of its own. Killed, and waited for, at the end.
class Child {
 public:
  explicit Child(std::vector<std::string> arguments);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// The next line of what it prints; nullopt when it has ended.
  std::optional<std::string> read_line();

  void send(int signal) const;
  /// SIGKILL, and waits.
  void kill();
  /// Waits. @return its exit code, or 128 and the signal.
  int wait();

  [[nodiscard]] pid_t process() const noexcept { return process_; }
  [[nodiscard]] std::size_t open_descriptors() const;

 private:
  pid_t process_{-1};
  int output_{-1};
  std::string unread_;
};

}  // namespace takt::test
