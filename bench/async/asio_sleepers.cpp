#include <chrono>
#include <exception>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "sleepers.hpp"

namespace takt::bench {
namespace {

namespace net = boost::asio;

net::awaitable<void> sleep_once(Sleepers* all, std::size_t* asleep) {
  const auto executor = co_await net::this_coro::executor;
  const std::chrono::steady_clock::time_point due{std::chrono::nanoseconds(all->due_ns)};
  net::steady_timer timer(executor, due);
  ++*asleep;
  co_await timer.async_wait(net::use_awaitable);
  all->one_woke();
}

SleepersCost run(std::size_t count) {
  net::io_context loop(1);
  Sleepers all(count);
  std::size_t asleep = 0;
  for (std::size_t i = 0; i < count; ++i) {
    net::co_spawn(loop, sleep_once(&all, &asleep), net::detached);
  }
  while (asleep < count) {
    loop.run_one();
  }
  all.all_asleep();
  loop.run();
  return all.cost;
}

}  // namespace

SleepersCost asio_sleepers(std::size_t count) {
  return on_new_thread(run, count);
}

}  // namespace takt::bench
