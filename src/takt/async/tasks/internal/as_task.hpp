#pragma once

#include <type_traits>
#include <utility>

#include "takt/async/tasks/task.hpp"
#include "takt/async/tasks/wait.hpp"

/// Internal to async: what may be given to with_timeout and its like.
namespace takt::async::internal {

template <class A>
struct AwaitResult;
template <class T>
struct AwaitResult<Task<T>> {
  using type = T;
};
template <class A>
  requires std::derived_from<A, Wait>
struct AwaitResult<A> {
  using type = std::remove_cvref_t<decltype(std::declval<A&>().await_resume())>;
};
template <MemberAwaitable A>
struct AwaitResult<A> : AwaitResult<std::remove_cvref_t<decltype(std::declval<A>().operator co_await())>> {};

/// What co_await of an A gives.
template <class A>
using AwaitResultOf = typename AwaitResult<std::remove_cvref_t<A>>::type;

/// A task, or anything that a task may await: the wait of a primitive, before it is awaited.
template <class A>
concept TaskLike = requires { typename AwaitResultOf<A>; };

template <class T>
Task<T> as_task(Task<T> task) {
  return task;
}
template <TaskLike A>
Task<AwaitResultOf<A>> as_task(A awaitable) {
  co_return co_await std::move(awaitable);
}

}  // namespace takt::async::internal
