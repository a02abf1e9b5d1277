#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "takt/async/internal/isolated_child.hpp"
#include "takt/async/internal/isolated_process.hpp"
#include "takt/async/internal/isolated_signature.hpp"
#include "takt/messages/cdr.hpp"

/// Calls by type over an IsolatedProcess: the parent's half writes arguments and reads results, the child's half, a
/// Dispatcher, does the reverse. Both are instantiated from the same function in the same program.
namespace takt::async::internal {

/// Writes the arguments into the child's memory. @throws MessageTooLarge, LogicError when a call runs.
template <class Arguments>
std::size_t write_arguments(const IsolatedProcess& process, std::string_view function, const Arguments& arguments) {
  const std::span<std::byte> area = process.request_area();
  const auto written = messages::encode_cdr(arguments, area);
  if (written) {
    return *written;
  }
  const std::string what = "isolate '" + process.options().name + "': the arguments of " + std::string(function);
  if (const std::size_t needed = messages::cdr_size(arguments); needed > area.size()) {
    throw MessageTooLarge(what, needed, area.size());
  }
  throw Error(what + " have no CDR: " + written.error().text());
}

/// The bytes of a reply that is a value. @throws IsolatedError for what the user's code threw; Error when the child
/// could not read the arguments or write the result.
[[nodiscard]] std::span<const std::byte> value_bytes(const IsolatedProcess& process, const Reply& reply);

namespace child {

template <class Arguments>
Arguments read_arguments(const ServedCall& call) {
  auto arguments = messages::from_cdr<Arguments>(call.request);
  if (!arguments) {
    throw CallRefused("the arguments cannot be decoded: " + arguments.error().text());
  }
  return *std::move(arguments);
}

template <class Result>
std::size_t write_result(const ServedCall& call, const Result& result) {
  const auto written = messages::encode_cdr(result, call.reply);
  if (!written) {
    throw CallRefused("the result does not fit in max_message_bytes: " + written.error().text());
  }
  return *written;
}

template <class Object, auto Method>
std::size_t serve_method(ServedCall& call) {
  using Signature = MethodSignature<Method>;
  auto arguments = read_arguments<typename Signature::Arguments>(call);
  auto& object = *static_cast<Object*>(call.object);
  const auto invoke = [&]<class... Parameters>(Parameters&&... parameters) -> decltype(auto) {
    return std::invoke(Method, object, std::forward<Parameters>(parameters)...);
  };
  if constexpr (std::is_void_v<typename Signature::Result>) {
    Signature::apply(invoke, arguments);
    return 0;
  } else {
    return write_result<typename Signature::Result>(call, Signature::apply(invoke, arguments));
  }
}

/// What a factory's result stands for: itself, or what it points to.
template <class Made>
struct MadeObject {
  using Type = Made;
};
template <class Object>
struct MadeObject<std::unique_ptr<Object>> {
  using Type = Object;
};

template <class Factory>
std::size_t serve_factory(ServedCall& call) {
  using Signature = FactorySignature<Factory>;
  using Made = typename Signature::Result;
  using Object = typename MadeObject<Made>::Type;
  auto arguments = read_arguments<typename Signature::Arguments>(call);
  const auto factory = [&] {
    if constexpr (std::is_pointer_v<Factory>) {
      return reinterpret_cast<Factory>(call.target);
    } else {
      return Factory{};
    }
  }();
  if constexpr (std::is_same_v<Made, Object>) {
    call.object = new Object(Signature::apply(factory, arguments));
  } else {
    call.object = Signature::apply(factory, arguments).release();
    if (call.object == nullptr) {
      throw CallRefused("the factory returned null");
    }
  }
  return 0;
}

template <class Object>
std::size_t serve_destruction(ServedCall& call) {
  delete static_cast<Object*>(std::exchange(call.object, nullptr));
  return 0;
}

}  // namespace child

/// The object that a factory makes.
template <class Factory>
using IsolatedObject = typename child::MadeObject<typename FactorySignature<Factory>::Result>::Type;

/// Submits the call that makes the object: the first one.
template <class Factory>
void submit_factory(IsolatedProcess& process, Factory factory,
                    const typename FactorySignature<Factory>::Arguments& arguments) {
  const void* target = nullptr;
  if constexpr (std::is_pointer_v<Factory>) {
    target = reinterpret_cast<const void*>(factory);
  }
  const std::size_t bytes = write_arguments(process, "the factory", arguments);
  process.submit(RequestKind::kCall, &child::serve_factory<Factory>, target, bytes);
}

/// Submits a call of a member function, or the reading of a data member.
template <class Object, auto Method>
void submit_call(IsolatedProcess& process, const typename MethodSignature<Method>::Arguments& arguments) {
  const std::size_t bytes = write_arguments(process, method_name<Method>(), arguments);
  process.submit(RequestKind::kCall, &child::serve_method<Object, Method>, nullptr, bytes);
}

/// Submits the last call: the child destroys the object, answers and exits with code 0.
template <class Object>
void submit_stop(IsolatedProcess& process) {
  process.submit(RequestKind::kStop, &child::serve_destruction<Object>, nullptr, 0);
}

/// The result of a call that submit_call() started. @throws what value_bytes() throws; Error when it cannot be decoded.
template <auto Method>
typename MethodSignature<Method>::Result result_of(const IsolatedProcess& process, const Reply& reply) {
  using Result = typename MethodSignature<Method>::Result;
  const std::span<const std::byte> bytes = value_bytes(process, reply);
  if constexpr (!std::is_void_v<Result>) {
    auto result = messages::from_cdr<Result>(bytes);
    if (!result) {
      throw Error("isolate '" + process.options().name + "': the result of " + std::string(method_name<Method>()) +
                  " cannot be decoded: " + result.error().text());
    }
    return *std::move(result);
  }
}

}  // namespace takt::async::internal
