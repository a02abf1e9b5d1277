#pragma once

#include <concepts>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "takt/messages/cdr.hpp"

namespace takt::async::internal {

/// A parameter can be filled from another process: its value travels, and nothing is expected to travel back through
/// it.
template <class Parameter>
inline constexpr bool kTravelsInto =
    !std::is_pointer_v<std::decay_t<Parameter>> &&
    !(std::is_lvalue_reference_v<Parameter> && !std::is_const_v<std::remove_reference_t<Parameter>>) &&
    messages::CdrEncodable<std::decay_t<Parameter>>;

/// What a function that is called in another process takes and gives.
template <class ResultType, class... Parameters>
struct Signature {
  static_assert((kTravelsInto<Parameters> && ...),
                "isolate: a parameter cannot travel to another process. Take described structs, numbers, text and "
                "containers of them, by value or const reference; no pointer, no reference to write through");
  static_assert(std::is_void_v<ResultType> || !std::is_pointer_v<std::decay_t<ResultType>>,
                "isolate: a pointer into another process means nothing here; return a value");

  using Result = std::decay_t<ResultType>;                    ///< as it arrives
  using Arguments = std::tuple<std::decay_t<Parameters>...>;  ///< as they travel
  static constexpr std::size_t kCount = sizeof...(Parameters);

  /// Calls `function` with the values moved into where the parameters take them.
  template <class Function>
  static decltype(auto) apply(Function&& function, Arguments& arguments) {
    return std::apply(
        [&](auto&... values) -> decltype(auto) {
          return std::forward<Function>(function)(static_cast<Parameters&&>(values)...);
        },
        arguments);
  }
};

template <class Result, class... Parameters>
Signature<Result, Parameters...> signature_of(Result (*)(Parameters...));
template <class Result, class Object, class... Parameters>
Signature<Result, Parameters...> signature_of(Result (Object::*)(Parameters...));
template <class Result, class Object, class... Parameters>
Signature<Result, Parameters...> signature_of(Result (Object::*)(Parameters...) const);
template <class Result, class Object, class... Parameters>
Signature<Result, Parameters...> signature_of(Result (Object::*)(Parameters...) &);
template <class Result, class Object, class... Parameters>
Signature<Result, Parameters...> signature_of(Result (Object::*)(Parameters...) const&);
/// A data member is read.
template <class Value, class Object>
  requires std::is_object_v<Value>
Signature<const Value&> signature_of(Value Object::*);

template <auto Method>
using MethodSignature = decltype(signature_of(Method));

template <class Factory>
struct FactorySignatureOf {
  static_assert(
      std::is_empty_v<Factory> && std::default_initializable<Factory>,
      "isolate: the factory runs in another process; it must be a function or a lambda without captures. Hand "
      "over what it needs as arguments");
  using Type = decltype(signature_of(&Factory::operator()));
};
template <class Result, class... Parameters>
struct FactorySignatureOf<Result (*)(Parameters...)> {
  using Type = decltype(signature_of(static_cast<Result (*)(Parameters...)>(nullptr)));
};
template <class Result, class... Parameters>
struct FactorySignatureOf<Result (*)(Parameters...) noexcept> : FactorySignatureOf<Result (*)(Parameters...)> {};

template <class Factory>
using FactorySignature = typename FactorySignatureOf<Factory>::Type;

/// "&Policy::reset": how a function is called in messages.
template <auto Method>
constexpr std::string_view method_name() noexcept {
  std::string_view text = __PRETTY_FUNCTION__;
  constexpr std::string_view kBefore = "Method = ";
  text.remove_prefix(text.find(kBefore) + kBefore.size());
  return text.substr(0, text.find_first_of(";]"));
}

}  // namespace takt::async::internal
