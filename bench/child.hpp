#pragma once

#include <cstdint>
#include <functional>

#include <sys/types.h>

namespace takt::bench {

/// A child process that does what it is asked, one number at a time, and answers when it is done. It sees the parent's
/// memory as it was when it was forked, and shared mappings. A resource; it ends with its parent.
class Child {
 public:
  /// Forks: to be made before the process has a second thread. @param serve  runs in the child, once per question, and
  /// does not throw. @throws SystemError when the system refuses.
  explicit Child(const std::function<void(std::uint32_t question)>& serve);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Returns when it has answered. @throws SystemError when it does not within a minute, or has ended.
  void ask(std::uint32_t question);

  /// The same; false instead of the exception.
  [[nodiscard]] bool try_ask(std::uint32_t question) noexcept;

  /// The two halves of ask(), for what both do at the same time. @throws SystemError as ask()
  void begin(std::uint32_t question);
  void finish();

 private:
  [[nodiscard]] bool try_begin(std::uint32_t question) noexcept;
  [[nodiscard]] bool try_finish() noexcept;

  pid_t pid_{-1};
  int socket_{-1};
};

}  // namespace takt::bench
