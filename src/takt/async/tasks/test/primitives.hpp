#pragma once

#include <string>
#include <thread>
#include <utility>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"

/// What the tests of the primitives share.
namespace takt::async {

/// Runs the body of a nursery on a loop with virtual time. What children use lives outside of the body.
template <class Body>
void run_virtual(Body body) {
  EventLoop loop(LoopTime::kVirtual);
  loop.run(with_nursery(std::move(body)));
}

/// Lets every task that is ready run until it waits.
inline Task<void> settle() {
  for (int i = 0; i < 5; ++i) {
    co_await yield();
  }
}

/// What the LogicError says that comes out of the call; "" when none does.
template <class F>
std::string logic_error_of(F&& call) {
  try {
    call();
  } catch (const LogicError& error) {
    return error.what();
  }
  return "";
}
template <class F>
std::string logic_error_on_another_thread(F&& call) {
  std::string text;
  std::jthread([&] { text = logic_error_of(call); }).join();
  return text;
}

/// Awaits it; gives what the LogicError says that comes out, "" when none does.
template <class A>
Task<std::string> logic_error_of_await(A awaitable) {
  try {
    static_cast<void>(co_await std::move(awaitable));
  } catch (const LogicError& error) {
    co_return error.what();
  }
  co_return "";
}
/// The same, in a loop on another thread.
template <class A>
std::string logic_error_of_await_on_another_thread(A awaitable) {
  std::string text;
  std::jthread([&] {
    EventLoop loop;
    text = loop.run(logic_error_of_await(std::move(awaitable)));
  }).join();
  return text;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace takt::async
