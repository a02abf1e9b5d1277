#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace takt::dds::test {

/// A program that runs beside the test. Its standard output and error are read here; its input ends, and it is waited
/// for, when this is destroyed. One that does not end then is killed.
class Child {
 public:
  /// @param environment  "NAME=value", besides what the test has.
  Child(const std::vector<std::string>& command, const std::vector<std::string>& environment = {});
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Whether it says `text` before a deadline that only a broken program misses. False too when it ends before.
  [[nodiscard]] bool says(const std::string& text);

  /// Whether it has said `text` by now, or does within a moment.
  [[nodiscard]] bool says_soon(const std::string& text);

  /// Everything it says until it ends by itself.
  [[nodiscard]] const std::string& all();

  [[nodiscard]] const std::string& said() const { return said_; }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  [[nodiscard]] bool read_more(int timeout_ms);

  pid_t pid_{-1};
  int input_{-1};
  int output_{-1};
  std::string said_;
};

}  // namespace takt::dds::test
