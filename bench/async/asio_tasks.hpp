#pragma once

#include <cstddef>

#include "task_cost.hpp"

/// What starting and waiting costs with Boost.Asio's awaitable: an io_context of one thread (concurrency hint 1) runs a
/// coroutine that does `count` of them in a row.
namespace takt::bench::asio {

/// `co_await child()`, the child returns at once.
[[nodiscard]] TaskCost await_ready_child(std::size_t count);

/// `co_await co_spawn(executor, child(), use_awaitable)`.
[[nodiscard]] TaskCost spawn_and_wait(std::size_t count);

/// Batches of kTasksPerBatch co_spawn, each awaited as a whole; the cost is per task.
[[nodiscard]] TaskCost spawn_batches(std::size_t batches);

/// `co_await timer.async_wait(use_awaitable)` of a steady_timer made for it, whose time has passed.
[[nodiscard]] TaskCost expired_timer(std::size_t count);

}  // namespace takt::bench::asio
