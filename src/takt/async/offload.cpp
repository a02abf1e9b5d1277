#include "takt/async/offload.hpp"

#include <fmt/core.h>

#include "takt/async/tasks/exception_group.hpp"
#include "takt/core/log.hpp"

namespace takt::async {

OffloadStatistics offload_statistics() {
  return offload_pool().statistics();
}

void set_offload_limit(std::size_t threads) {
  offload_pool().set_limit(threads);
}

namespace internal {

std::string describe_offload(const std::source_location& where) {
  return fmt::format("a call offloaded at {}", brief(where));
}

void report_abandoned_failure(const std::source_location& where, const std::exception_ptr& error) noexcept {
  core::log(core::LogLevel::kWarning,
            fmt::format("an abandoned call (offloaded at {}) failed: {}", brief(where), async::describe(error)));
}

}  // namespace internal
}  // namespace takt::async
