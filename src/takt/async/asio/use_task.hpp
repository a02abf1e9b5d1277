#pragma once

#include <exception>
#include <tuple>
#include <type_traits>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include "takt/async/asio/internal/asio_operation.hpp"
#include "takt/core/error.hpp"

namespace takt::async {

/// Makes any asynchronous operation of Asio, or of a library built on it, awaitable in a task. It begins when it is
/// awaited, once; give it to with_timeout and the like before.
///
///   co_await socket.async_connect(endpoint, use_task);
///   const std::size_t bytes = co_await asio::async_read(socket, buffer, use_task);
///   const auto reply = co_await with_timeout(200ms, socket.async_receive(buffer, use_task));    // empty: too late
///
/// The await gives what the operation gives after its error: nothing, a value, or a tuple. An error is thrown, as
/// boost::system::system_error that names the operation (or as the operation's own exception).
///
/// Cancellation: the operation is asked to end (terminal, partial and total, whichever it supports), and the await ends
/// when its handler has been called, so that buffers are never written behind the task's back. With operation_aborted
/// the await throws Cancelled; with anything else that result stands, and the next await throws. What an operation of
/// several parts (async_read, async_write) had transferred by then is not told: use async_read_some where it matters,
/// after which a socket is as before. An operation that cannot be cancelled is waited for. operation_aborted that no
/// scope asked for (close() by another task) is an error like others.
///
/// Buffers and I/O objects must live until the await has ended. An operation that is given up by its library, its
/// handler destroyed and never called, is a LogicError.
///
/// On virtual time: with no deadline pending the loop waits for operations in real time; else time jumps to the
/// deadline when no operation is complete now, since nobody can know how long the outside takes.
///
/// Loop thread. One allocation per await when the operation can be cancelled (Asio's, for that); handlers come from the
/// pool of coroutine frames.
struct UseTask {};
inline constexpr UseTask use_task{};  // NOLINT(readability-identifier-naming): as Asio writes its tokens

/// As use_task, but gives an error instead of throwing it: Expected<T, boost::system::error_code>.
///
///   const auto bytes = co_await socket.async_receive(buffer, use_result);
///   if (!bytes && bytes.error() == asio::error::eof) …
///
/// For errors that are no surprise. Where the value counts beside an error as well: asio::as_tuple(use_task).
struct UseResult {};
inline constexpr UseResult use_result{};  // NOLINT(readability-identifier-naming): as Asio writes its tokens

namespace internal {

template <class T>
concept AsioError = std::is_same_v<T, boost::system::error_code> || std::is_same_v<T, std::exception_ptr>;

[[noreturn]] inline void throw_error(const boost::system::error_code& error, const Wait& operation) {
  throw boost::system::system_error(error, operation.describe());
}
[[noreturn]] inline void throw_error(const std::exception_ptr& error, const Wait& /*operation*/) {
  std::rethrow_exception(error);
}

// Nothing, a value, or a tuple.
inline void value_of(std::tuple<> /*nothing*/) {}
template <class T>
T value_of(std::tuple<T>&& value) {
  return std::get<0>(std::move(value));
}
template <class... T>
  requires(sizeof...(T) > 1)
std::tuple<T...> value_of(std::tuple<T...>&& values) {
  return std::move(values);
}

template <class First, class... Rest>
std::tuple<Rest...> without_first(std::tuple<First, Rest...>&& results) {
  return std::apply([](First& /*first*/, Rest&... rest) { return std::tuple<Rest...>(std::move(rest)...); }, results);
}

struct ThrowError {
  template <class... T>
  static auto convert(std::tuple<T...>&& values, const Wait& /*operation*/) {
    return value_of(std::move(values));
  }
  template <AsioError Error, class... Rest>
  static auto convert(std::tuple<Error, Rest...>&& results, const Wait& operation) {
    if (std::get<0>(results)) {
      throw_error(std::get<0>(results), operation);
    }
    return value_of(without_first(std::move(results)));
  }
};

struct ReturnError {
  template <AsioError Error, class... Rest>
  static auto convert(std::tuple<Error, Rest...>&& results, const Wait& /*operation*/) {
    using Value = decltype(value_of(std::declval<std::tuple<Rest...>>()));
    if (std::get<0>(results)) {
      return Expected<Value, Error>(std::unexpect, std::get<0>(std::move(results)));
    }
    if constexpr (std::is_void_v<Value>) {
      return Expected<Value, Error>();
    } else {
      return Expected<Value, Error>(value_of(without_first(std::move(results))));
    }
  }
};

template <class How, class... Args>
struct AsioResult {
  template <class Initiation, class Token, class... InitArgs>
  static auto initiate(Initiation&& initiation, const Token& /*token*/, InitArgs&&... arguments) {
    using Operation = AsioOperation<How, std::decay_t<Args>...>;
    return AsioCall<Operation, std::decay_t<Initiation>, std::decay_t<InitArgs>...>(
        std::decay_t<Initiation>(std::forward<Initiation>(initiation)), std::forward<InitArgs>(arguments)...);
  }
};

}  // namespace internal
}  // namespace takt::async

template <class R, class... Args>
class boost::asio::async_result<takt::async::UseTask, R(Args...)>
    : public takt::async::internal::AsioResult<takt::async::internal::ThrowError, Args...> {};

template <class R, class... Args>
class boost::asio::async_result<takt::async::UseResult, R(Args...)>
    : public takt::async::internal::AsioResult<takt::async::internal::ReturnError, Args...> {};
