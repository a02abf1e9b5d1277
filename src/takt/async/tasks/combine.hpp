#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "takt/async/tasks/internal/as_task.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/task.hpp"

namespace takt::async {

/// A result that can be kept: std::monostate for a task without one.
template <class T>
using ValueOf = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

namespace internal {

template <class A>
using KeptResult = ValueOf<AwaitResultOf<A>>;

template <class T>
Task<void> keep_result(Task<T> task, std::optional<ValueOf<T>>* result) {
  if constexpr (std::is_void_v<T>) {
    co_await std::move(task);
    result->emplace();
  } else {
    result->emplace(co_await std::move(task));
  }
}

template <class T>
Task<void> keep_first_result(Task<T> task, std::optional<ValueOf<T>>* result, Nursery nursery) {
  co_await keep_result(std::move(task), result);
  nursery.cancel("another task was first");
}

[[nodiscard]] std::string branch_name(const char* combinator, std::size_t index);

// Starts make(task i, &result i) for each i.
template <class Tasks, class Results, class Make>
void start_branches(const char* combinator, Nursery& nursery, Tasks& tasks, Results& results, Make make) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (nursery.start(branch_name(combinator, I), make(std::move(std::get<I>(tasks)), &std::get<I>(results))), ...);
  }(std::make_index_sequence<std::tuple_size_v<Tasks>>());
}

}  // namespace internal

/// Runs all side by side and gives all results in a tuple:
///
///   auto both = co_await all_of(left.read(), right.read());        // std::get<0>(both), std::get<1>(both)
///
/// Takes tasks and the waits of primitives. The first failure cancels the others. Cancellation: of all, then Cancelled.
/// Not for many tasks that come and go: that is a nursery.
/// Do not write `auto [a, b] = co_await …`: GCC 15 skips destructors there.
/// @throws ExceptionGroup; the tasks are called "all_of[0]" and so on.
template <internal::TaskLike... A>
  requires(sizeof...(A) > 0)
Task<std::tuple<internal::KeptResult<A>...>> all_of(A... awaitables) {
  std::tuple<Task<internal::AwaitResultOf<A>>...> tasks(internal::as_task(std::move(awaitables))...);
  std::tuple<std::optional<internal::KeptResult<A>>...> results;
  const auto start_all = [&](Nursery& nursery) -> Task<Join> {
    internal::start_branches("all_of", nursery, tasks, results,
                             [](auto task, auto* result) { return internal::keep_result(std::move(task), result); });
    co_return kJoin;
  };
  co_await with_nursery(start_all);
  co_return std::apply([](auto&... result) { return std::tuple(std::move(*result)...); }, results);
}

/// Runs all side by side until the first has a result; cancels the others, and waits for them. Gives an optional for
/// each: those that finished are set. That is one as a rule, and more when others finished before the cancellation
/// reached them: so no result, such as a message that was received, is lost.
///
///   auto first = co_await any_of(line.receive(), stop.wait());
///   if (std::get<1>(first)) …
///
/// Not for a time limit (with_timeout), nor in a loop to wait for many sources again and again: each round starts and
/// cancels all of them; give each source a task that sends into one Channel.
/// Cancellation: of all, then Cancelled.
/// @throws ExceptionGroup when one failed; the tasks are called "any_of[0]" and so on.
template <internal::TaskLike... A>
  requires(sizeof...(A) > 0)
Task<std::tuple<std::optional<internal::KeptResult<A>>...>> any_of(A... awaitables) {
  std::tuple<Task<internal::AwaitResultOf<A>>...> tasks(internal::as_task(std::move(awaitables))...);
  std::tuple<std::optional<internal::KeptResult<A>>...> results;
  const auto start_all = [&](Nursery& nursery) -> Task<Join> {
    internal::start_branches("any_of", nursery, tasks, results, [&](auto task, auto* result) {
      return internal::keep_first_result(std::move(task), result, nursery);
    });
    co_return kJoin;
  };
  co_await with_nursery(start_all);
  co_return std::move(results);
}

/// all_of for any number of tasks of one type; gives the results in their order.
template <class T>
Task<std::vector<ValueOf<T>>> all_of(std::vector<Task<T>> tasks) {
  std::vector<std::optional<ValueOf<T>>> results(tasks.size());
  const auto start_all = [&](Nursery& nursery) -> Task<Join> {
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      nursery.start(internal::branch_name("all_of", i), internal::keep_result(std::move(tasks[i]), &results[i]));
    }
    co_return kJoin;
  };
  co_await with_nursery(start_all);
  std::vector<ValueOf<T>> values;
  values.reserve(results.size());
  for (auto& result : results) {
    values.push_back(std::move(*result));
  }
  co_return values;
}

/// any_of for any number of tasks of one type. Of none: an empty vector, at once.
template <class T>
Task<std::vector<std::optional<ValueOf<T>>>> any_of(std::vector<Task<T>> tasks) {
  std::vector<std::optional<ValueOf<T>>> results(tasks.size());
  const auto start_all = [&](Nursery& nursery) -> Task<Join> {
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      nursery.start(internal::branch_name("any_of", i),
                    internal::keep_first_result(std::move(tasks[i]), &results[i], nursery));
    }
    co_return kJoin;
  };
  co_await with_nursery(start_all);
  co_return results;
}

}  // namespace takt::async
