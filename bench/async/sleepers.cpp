#include "sleepers.hpp"

#include <exception>
#include <thread>

#include <fmt/core.h>
#include <malloc.h>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"

namespace takt::bench {
namespace {

constexpr core::Nanoseconds kTimeToFallAsleep = 500'000'000;

double heap_bytes() {
  const struct mallinfo2 heap = mallinfo2();
  return static_cast<double>(heap.uordblks + heap.hblkhd);
}

async::Task<void> sleep_once(Sleepers* all) {
  co_await async::sleep_until(all->due_ns);
  all->one_woke();
}

async::Task<void> sleep_all(Sleepers* all) {
  co_await async::with_nursery([all](async::Nursery& nursery) -> async::Task<async::Join> {
    for (std::size_t i = 0; i < all->count; ++i) {
      nursery.start("sleeper", sleep_once(all));
    }
    while (async::this_loop().clock().sleepers() < all->count) {
      co_await async::yield();
    }
    all->all_asleep();
    co_return async::kJoin;
  });
}

SleepersCost run(std::size_t count) {
  async::EventLoop loop;
  Sleepers all(count);
  loop.run(sleep_all(&all));
  return all.cost;
}

}  // namespace

Sleepers::Sleepers(std::size_t how_many)
    : count(how_many), due_ns(core::monotonic_now_ns() + kTimeToFallAsleep), heap_before_(heap_bytes()) {}

void Sleepers::all_asleep() {
  cost.bytes = (heap_bytes() - heap_before_) / static_cast<double>(count);
  if (core::monotonic_now_ns() >= due_ns) {
    throw LogicError(fmt::format("{} tasks took longer to fall asleep than the bench allows for", count));
  }
}

void Sleepers::one_woke() noexcept {
  if (++woken_ == count) {
    cost.wake_ns = static_cast<double>(core::monotonic_now_ns() - due_ns) / static_cast<double>(count);
  }
}

SleepersCost on_new_thread(SleepersCost (*run)(std::size_t count), std::size_t count) {
  SleepersCost cost;
  std::exception_ptr failure;
  std::thread([&] {
    try {
      cost = run(count);
    } catch (...) {
      failure = std::current_exception();
    }
  }).join();
  if (failure) {
    std::rethrow_exception(failure);
  }
  return cost;
}

SleepersCost sleepers(std::size_t count) {
  return on_new_thread(run, count);
}

}  // namespace takt::bench
