#include "takt/node/internal/failures.hpp"

#include <algorithm>
#include <utility>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/exception_group.hpp"
#include "takt/async/tasks/sleep.hpp"

namespace takt::node::internal {

void Failures::apply(const std::exception_ptr& error) {
  record(error);
  ++in_a_row_;
  const bool too_often = policy_.most_in_a_row > 0 && in_a_row_ > policy_.most_in_a_row;
  if (propagates() || (policy_.kind == FailurePolicy::Kind::kRestart && too_often)) {
    std::rethrow_exception(error);
  }
  if (policy_.kind == FailurePolicy::Kind::kRestart) {
    const std::uint32_t doublings = std::min(in_a_row_ - 1, std::uint32_t{20});
    const async::Duration pause = std::min(policy_.first_pause * (std::int64_t{1} << doublings), policy_.longest_pause);
    pause_until_ns_ = async::this_loop().clock().now_ns() + pause.count();
  }
}

async::Task<void> Failures::pause() {
  const core::Nanoseconds until_ns = std::exchange(pause_until_ns_, 0);
  co_await async::sleep_until(until_ns);
}

void Failures::record(const std::exception_ptr& error) noexcept {
  const std::uint64_t failures = count_.fetch_add(1, std::memory_order_relaxed) + 1;
  if (propagates() || !log_gate_.pass(core::monotonic_now_ns())) {
    return;
  }
  try {
    core::log(core::LogLevel::kError,
              what_ + ": its handler threw (" + std::to_string(failures) + " so far): " + async::describe(error));
  } catch (...) {  // NOLINT(bugprone-empty-catch): no memory for the text: the count stands
  }
}

}  // namespace takt::node::internal
