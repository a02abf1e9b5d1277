#include "takt/async/thread_pool.hpp"

#include <cstdint>
#include <memory>
#include <semaphore>
#include <source_location>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/offload.hpp"
#include "takt/async/test/blocking.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

struct Counter final : PoolJob {
  explicit Counter(std::counting_semaphore<>& semaphore) : PoolJob(std::source_location::current()), done(semaphore) {}
  void work() noexcept override {}
  void finish() noexcept override { done.release(); }
  std::counting_semaphore<>& done;
};

TEST(ThreadPoolTest, IdleThreadsEndAndComeBack) {
  static auto* const pool = new ThreadPool({.thread_name = "brief", .limit = 4, .idle_time = 1ms});
  const std::uint64_t before = pool->statistics().completed;
  for (int round = 0; round < 5; ++round) {
    std::counting_semaphore<> done(0);
    std::vector<std::unique_ptr<Counter>> jobs;
    for (int i = 0; i < 20; ++i) {
      jobs.push_back(std::make_unique<Counter>(done));
      pool->submit(*jobs.back());
    }
    for (int i = 0; i < 20; ++i) {
      done.acquire();
    }
    wait_until([] { return pool->statistics().threads == 0; });
    EXPECT_EQ(pool->statistics().completed, before + 20U * static_cast<unsigned>(round + 1));
  }
}

TEST(ThreadPoolTest, IdleThreadsGoHomeWhenTheLimitIsLowered) {
  static auto* const pool = new ThreadPool({.thread_name = "long", .limit = 4, .idle_time = 1h});
  std::counting_semaphore<> done(0);
  std::vector<std::unique_ptr<Counter>> jobs;
  for (int i = 0; i < 50; ++i) {
    jobs.push_back(std::make_unique<Counter>(done));
    pool->submit(*jobs.back());
  }
  for (int i = 0; i < 50; ++i) {
    done.acquire();
  }
  pool->set_limit(1);
  wait_until([] { return pool->statistics().threads <= 1; });
  Counter last(done);
  pool->submit(last);
  done.acquire();
}

}  // namespace
}  // namespace takt::async
