#include "asio_tasks.hpp"

#include <chrono>
#include <exception>
#include <functional>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace takt::bench::asio {
namespace {

namespace net = boost::asio;
using net::awaitable;
using net::use_awaitable;

/// Runs `body(count)` on a loop of its own. @return what the body returned.
TaskCost run(awaitable<TaskCost> (*body)(std::size_t), std::size_t count) {
  net::io_context loop(1);
  TaskCost cost;
  std::exception_ptr failure;
  net::co_spawn(loop, body(count), [&](std::exception_ptr error, TaskCost spent) {
    failure = std::move(error);
    cost = spent;
  });
  loop.run();
  if (failure) {
    std::rethrow_exception(failure);
  }
  return cost;
}

awaitable<int> child(int value) {
  co_return value;
}

awaitable<TaskCost> await_children(std::size_t count) {
  static_cast<void>(co_await child(0));  // the frame's memory is kept for the next one
  const TaskMeter meter;
  int sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    sum += co_await child(1);
  }
  co_return meter.per(static_cast<std::size_t>(sum));  // the children have really run
}

awaitable<TaskCost> spawn_children(std::size_t count) {
  const auto executor = co_await net::this_coro::executor;
  const TaskMeter meter;
  int sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    sum += co_await net::co_spawn(executor, child(1), use_awaitable);
  }
  co_return meter.per(static_cast<std::size_t>(sum));
}

/// Counts children down and then resumes the one coroutine that waits for them: the least that can be waited with.
class WaitGroup {
 public:
  void expect(std::size_t children) { pending_ = children; }
  void child_ended() {
    if (--pending_ == 0 && resume_) {
      std::exchange(resume_, nullptr)();
    }
  }
  awaitable<void> wait() {
    return net::async_initiate<const net::use_awaitable_t<>&, void()>(
        [this](auto handler) { resume_ = std::move(handler); }, use_awaitable);
  }

 private:
  std::size_t pending_{0};
  std::move_only_function<void()> resume_;
};

awaitable<TaskCost> spawn_children_in_batches(std::size_t batches) {
  const auto executor = co_await net::this_coro::executor;
  WaitGroup group;
  const TaskMeter meter;
  for (std::size_t batch = 0; batch < batches; ++batch) {
    group.expect(kTasksPerBatch);
    for (std::size_t i = 0; i < kTasksPerBatch; ++i) {
      net::co_spawn(executor, child(1), [&group](const std::exception_ptr&, int) { group.child_ended(); });
    }
    co_await group.wait();
  }
  co_return meter.per(batches * kTasksPerBatch);
}

awaitable<TaskCost> wait_for_expired(std::size_t count) {
  const auto executor = co_await net::this_coro::executor;
  const TaskMeter meter;
  for (std::size_t i = 0; i < count; ++i) {
    net::steady_timer timer(executor, std::chrono::steady_clock::now() - std::chrono::milliseconds(1));
    co_await timer.async_wait(use_awaitable);
  }
  co_return meter.per(count);
}

}  // namespace

TaskCost await_ready_child(std::size_t count) {
  return run(await_children, count);
}

TaskCost spawn_and_wait(std::size_t count) {
  return run(spawn_children, count);
}

TaskCost spawn_batches(std::size_t batches) {
  return run(spawn_children_in_batches, batches);
}

TaskCost expired_timer(std::size_t count) {
  return run(wait_for_expired, count);
}

}  // namespace takt::bench::asio
