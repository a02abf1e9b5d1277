#include "takt/async/tasks/internal/thread_bound.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/core/thread_names.hpp"

namespace takt::async::internal {

void ThreadBound::bind(const char* what, std::string_view name) {
  const void* unbound = nullptr;
  if (!owner_.compare_exchange_strong(unbound, &this_thread, std::memory_order_acquire, std::memory_order_relaxed)) {
    throw LogicError(fmt::format(
        "{}{} on thread '{}', but it belongs to the loop of another thread: use a Doorbell to reach a loop", what,
        name.empty() ? "" : fmt::format(" of '{}'", name), core::thread_name(static_cast<std::uint32_t>(gettid()))));
  }
}

std::string describe_primitive(const char* type, std::string_view name) {
  return name.empty() ? fmt::format("a {} without a name", type) : fmt::format("{} '{}'", type, name);
}

}  // namespace takt::async::internal
