#pragma once

#include <array>
#include <cstddef>
#include <source_location>
#include <string>
#include <string_view>

/// Internal to async.
namespace takt::async::internal {

struct RunningTask;

/// Who a task is, in memory of its own: taken inside a signal handler, on the loop's thread, while the task runs.
class TaskSnapshot {
 public:
  /// Async-signal-safe: no allocation, no lock.
  void take(const RunningTask& task) noexcept;

  /// "main/camera/decoder"; when it is too long, the end of it: ".../decoder".
  [[nodiscard]] std::string path() const;
  /// "file.cpp:12"
  [[nodiscard]] std::string started_at() const;

 private:
  [[nodiscard]] bool prepend(std::string_view text) noexcept;

  std::array<char, 512> path_{};  // filled from the end: the names come from the innermost task outwards
  std::size_t begin_{0};
  std::source_location started_at_;
};

}  // namespace takt::async::internal
