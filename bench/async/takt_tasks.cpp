#include "takt_tasks.hpp"

#include "takt/async/tasks/event.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"

namespace takt::bench::tasks {
namespace {

using async::Join;
using async::kJoin;
using async::Nursery;
using async::Task;

/// Runs `body(count)` on a loop of its own. @return what the body returned.
TaskCost run(Task<TaskCost> (*body)(std::size_t), std::size_t count) {
  async::EventLoop loop;
  return loop.run(body(count));
}

Task<int> child(int value) {
  co_return value;
}

Task<void> add_to(std::size_t* sum) {
  ++*sum;
  co_return;
}

Task<void> add_and_tell(std::size_t* sum, async::Event* ended) {
  ++*sum;
  ended->set();
  co_return;
}

Task<TaskCost> await_children(std::size_t count) {
  static_cast<void>(co_await child(0));  // the frame's memory is kept for the next one
  const TaskMeter meter;
  int sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    sum += co_await child(1);
  }
  co_return meter.per(static_cast<std::size_t>(sum));  // the children have really run
}

Task<void> nursery_of(std::size_t children, std::size_t* sum) {
  co_await async::with_nursery([children, sum](Nursery& nursery) -> Task<Join> {
    for (std::size_t i = 0; i < children; ++i) {
      nursery.start("child", add_to(sum));
    }
    co_return kJoin;
  });
}

Task<TaskCost> join_children(std::size_t count) {
  std::size_t sum = 0;
  co_await nursery_of(1, &sum);
  sum = 0;
  const TaskMeter meter;
  for (std::size_t i = 0; i < count; ++i) {
    co_await async::with_nursery([&sum](Nursery& nursery) -> Task<Join> {
      nursery.start("child", add_to(&sum));
      co_return kJoin;
    });
  }
  co_return meter.per(sum);
}

Task<TaskCost> wait_for_children(std::size_t count) {
  TaskCost cost;
  co_await async::with_nursery([&cost, count](Nursery& nursery) -> Task<Join> {
    std::size_t sum = 0;
    async::Event ended;
    nursery.start("child", add_and_tell(&sum, &ended));
    co_await ended;
    sum = 0;
    const TaskMeter meter;
    for (std::size_t i = 0; i < count; ++i) {
      ended.clear();
      nursery.start("child", add_and_tell(&sum, &ended));
      co_await ended;
    }
    cost = meter.per(sum);
    co_return kJoin;
  });
  co_return cost;
}

Task<TaskCost> join_batches(std::size_t batches) {
  std::size_t sum = 0;
  co_await nursery_of(kTasksPerBatch, &sum);
  sum = 0;
  const TaskMeter meter;
  for (std::size_t batch = 0; batch < batches; ++batch) {
    co_await nursery_of(kTasksPerBatch, &sum);
  }
  co_return meter.per(sum);
}

Task<TaskCost> wait_for_expired(std::size_t count) {
  const TaskMeter meter;
  for (std::size_t i = 0; i < count; ++i) {
    co_await async::sleep_until(core::monotonic_now_ns() - 1'000'000);
  }
  co_return meter.per(count);
}

}  // namespace

TaskCost await_ready_child(std::size_t count) {
  return run(await_children, count);
}

TaskCost start_and_join(std::size_t count) {
  return run(join_children, count);
}

TaskCost start_and_wait(std::size_t count) {
  return run(wait_for_children, count);
}

TaskCost start_batches(std::size_t batches) {
  return run(join_batches, batches);
}

TaskCost expired_timer(std::size_t count) {
  return run(wait_for_expired, count);
}

}  // namespace takt::bench::tasks
