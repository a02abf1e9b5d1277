#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace takt::bus {

/// Counts what a transport got and could not read, and names each kind of fault once, in the log, with who sent it.
/// Thread safe.
class BadInput {
 public:
  explicit BadInput(std::string transport) : transport_(std::move(transport)) {}

  /// @param fault  one of few, fixed texts
  void note(std::string_view fault, std::string_view from);
  [[nodiscard]] std::uint64_t count() const;

 private:
  const std::string transport_;
  mutable std::mutex mutex_;
  std::set<std::string, std::less<>> named_;
  std::uint64_t count_{0};
};

}  // namespace takt::bus
