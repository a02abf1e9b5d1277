#pragma once

#include <cstddef>

#include "task_cost.hpp"

/// What starting and waiting costs on takt's own loop: the questions of asio_tasks.hpp, asked the same way.
namespace takt::bench::tasks {

/// `co_await child()`, the child returns at once.
[[nodiscard]] TaskCost await_ready_child(std::size_t count);

/// A nursery each: with_nursery, start, kJoin.
[[nodiscard]] TaskCost start_and_join(std::size_t count);

/// One nursery for all: start a child, wait for the Event that it sets last.
[[nodiscard]] TaskCost start_and_wait(std::size_t count);

/// Nurseries of kTasksPerBatch children; the cost is per child.
[[nodiscard]] TaskCost start_batches(std::size_t batches);

/// `co_await sleep_until(t)`, t has passed.
[[nodiscard]] TaskCost expired_timer(std::size_t count);

}  // namespace takt::bench::tasks
