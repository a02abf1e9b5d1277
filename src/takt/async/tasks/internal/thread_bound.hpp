#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "takt/async/tasks/internal/this_thread.hpp"

/// Internal to async.
namespace takt::async::internal {

/// The thread that a primitive belongs to: the one whose loop it was made in, or else the one that uses it first.
class ThreadBound {
 public:
  ThreadBound() noexcept : owner_(this_thread.loop != nullptr ? &this_thread : nullptr) {}
  ThreadBound(const ThreadBound&) = delete;
  ThreadBound& operator=(const ThreadBound&) = delete;

  /// @param what  "Event::set"  @param name  of the primitive, may be empty
  /// @throws LogicError on another thread
  void check(const char* what, std::string_view name) {
    if (owner_.load(std::memory_order_relaxed) != &this_thread) [[unlikely]] {
      bind(what, name);
    }
  }

  /// Belongs to this thread from now on.
  void rebind() noexcept { owner_.store(&this_thread, std::memory_order_relaxed); }
  /// Belongs to the thread that uses it next, which sees what this one did.
  void unbind() noexcept { owner_.store(nullptr, std::memory_order_release); }

 private:
  void bind(const char* what, std::string_view name);

  std::atomic<const void*> owner_;
};

/// "Event 'go'", or "an Event without a name".
[[nodiscard]] std::string describe_primitive(const char* type, std::string_view name);

}  // namespace takt::async::internal
