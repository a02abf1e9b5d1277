#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "takt/async/internal/isolated_call.hpp"
#include "takt/async/internal/isolated_link.hpp"
#include "takt/async/isolate_options.hpp"
#include "takt/async/isolated_error.hpp"
#include "takt/async/tasks/task.hpp"
#include "takt/async/tasks/wait.hpp"

/// An object in a process of its own: it may crash, hang, leak and compute as it likes.
///
///   int main() {
///     takt::async::Zygote zygote;                       // first: isolated objects are forked from it
///     return run(app());
///   }
///   Task<void> app() {
///     auto policy = co_await isolate(make_policy, "checkpoint.pt", Device::kGpu);      // an Isolated<Policy>
///     co_await policy.call<&Policy::reset>(pose);
///     Action action = co_await policy.call<&Policy::get_action>({.deadline = 200ms}, observation);
///     co_await policy.stop();
///   }
///
/// Arguments and results travel as CDR of described structs, numbers, text and containers of them, over shared memory.
/// What a call costs beside the work itself is about a thread switch there and back. Do not isolate what offload or an
/// InferenceThread can hold: they pass references. What the child starts itself (threads, processes) is its own
/// business; its processes are not killed with it.
namespace takt::async {

/// How one call is made.
struct CallOptions {
  /// The child is killed when it has not answered by then: ChildHung. Counted from when the child gets the call, not
  /// while it waits for others. None: no end; with_timeout() around the call limits both. Real time, also on a loop
  /// with virtual time, which stands still while a child works: there only a deadline ends a call that hangs.
  std::optional<Duration> deadline{};
};

namespace internal {

/// An IsolatedCall that a task awaits. Derived has submit() and take(), and result().
template <class Derived>
class IsolatedAwaitable : public Awaitable<Derived>, public IsolatedCall {
 public:
  [[nodiscard]] static bool try_complete() noexcept { return false; }
  void arm() { link_->enter(*this); }
  [[nodiscard]] std::string describe() const override { return link_->describe(Derived::name()); }

 protected:
  IsolatedAwaitable(std::shared_ptr<IsolatedLink> link, std::optional<Duration> deadline) noexcept
      : IsolatedCall(deadline), link_(std::move(link)) {}
  IsolatedAwaitable(IsolatedAwaitable&& idle) noexcept : IsolatedAwaitable(std::move(idle.link_), idle.deadline()) {}
  ~IsolatedAwaitable() = default;

  [[nodiscard]] const IsolatedLink& link() const noexcept { return *link_; }

  /// Throws what there is to throw.
  void check() {
    if (was_abandoned()) [[unlikely]] {
      this->task().unwinding = true;
      throw Cancelled();
    }
    if (error()) [[unlikely]] {
      std::rethrow_exception(error());
    }
  }

 private:
  bool withdraw() noexcept final { return link_->withdraw(*this); }
  void finished() noexcept final { this->complete(); }
  void lost() noexcept final { this->fail(); }

  std::shared_ptr<IsolatedLink> link_;
};

template <class Factory>
class IsolatedFactoryCall final : public IsolatedAwaitable<IsolatedFactoryCall<Factory>> {
 public:
  using Arguments = typename FactorySignature<Factory>::Arguments;
  IsolatedFactoryCall(std::shared_ptr<IsolatedLink> link, Factory factory, Arguments arguments)
      : IsolatedAwaitable<IsolatedFactoryCall>(std::move(link), std::nullopt),
        factory_(factory),
        arguments_(std::move(arguments)) {}

  void result() { this->check(); }
  [[nodiscard]] static std::string_view name() noexcept { return "the factory"; }

 private:
  void submit(IsolatedProcess& process) override { submit_factory(process, factory_, arguments_); }
  void take(const IsolatedProcess& process, const Reply& reply) override { (void)value_bytes(process, reply); }

  Factory factory_;
  Arguments arguments_;
};

template <class Object>
class IsolatedStop final : public IsolatedAwaitable<IsolatedStop<Object>> {
 public:
  explicit IsolatedStop(const std::shared_ptr<IsolatedLink>& link) noexcept
      : IsolatedAwaitable<IsolatedStop>(link, link->process().options().grace) {}

  [[nodiscard]] bool try_complete() const noexcept { return this->link().stopped(); }
  void result() { this->check(); }
  [[nodiscard]] static std::string_view name() noexcept { return "the end"; }

 private:
  void submit(IsolatedProcess& process) override { submit_stop<Object>(process); }
  void take(const IsolatedProcess& process, const Reply& reply) override { (void)value_bytes(process, reply); }
  [[nodiscard]] bool is_stop() const noexcept override { return true; }
};

}  // namespace internal

/// A call of an isolated object's member, to be awaited. From Isolated::call.
template <class Object, auto Method>
class [[nodiscard]] IsolatedMethodCall final : public internal::IsolatedAwaitable<IsolatedMethodCall<Object, Method>> {
 public:
  using Arguments = typename internal::MethodSignature<Method>::Arguments;
  using Result = typename internal::MethodSignature<Method>::Result;

  IsolatedMethodCall(std::shared_ptr<internal::IsolatedLink> link, CallOptions options, Arguments arguments)
      : internal::IsolatedAwaitable<IsolatedMethodCall>(std::move(link), options.deadline),
        arguments_(std::move(arguments)) {}

  Result result() {
    this->check();
    if constexpr (!std::is_void_v<Result>) {
      return *std::move(result_);
    }
  }
  [[nodiscard]] static std::string_view name() noexcept { return internal::method_name<Method>(); }

 private:
  void submit(internal::IsolatedProcess& process) override {
    internal::submit_call<Object, Method>(process, arguments_);
  }
  void take(const internal::IsolatedProcess& process, const internal::Reply& reply) override {
    if constexpr (std::is_void_v<Result>) {
      internal::result_of<Method>(process, reply);
    } else {
      result_.emplace(internal::result_of<Method>(process, reply));
    }
  }

  Arguments arguments_;
  std::optional<std::conditional_t<std::is_void_v<Result>, std::monostate, Result>> result_;
};

/// The proxy of an object that lives in a child process. Movable; belongs to the loop that it was made on: calls are
/// awaited there. Calls from several tasks are made one after the other, first come first served.
///
/// Destroying it kills the child and does not wait; it is reaped behind our back. Who still waits for a call, or awaits
/// one only then, gets a LogicError.
template <class Object>
class Isolated {
 public:
  explicit Isolated(std::shared_ptr<internal::IsolatedLink> link) noexcept : link_(std::move(link)) {}
  Isolated(Isolated&&) noexcept = default;
  Isolated& operator=(Isolated&& other) noexcept {
    if (this != &other) {
      close();
      link_ = std::move(other.link_);
    }
    return *this;
  }
  ~Isolated() { close(); }

  /// Calls a member function in the child, or reads a data member.
  ///
  /// Cancellation: a call that waits for its turn is withdrawn, at once. One that runs in the child is waited for, up
  /// to its deadline and `IsolateOptions::grace`: then its result stands, and the next await throws Cancelled; a child
  /// that has not answered by then is killed and the call throws Cancelled.
  ///
  /// @throws IsolatedError for what the function threw there; ChildCrashed and ChildHung, this call and every later
  /// one; MessageTooLarge before anything is sent; Error when the result does not fit or cannot be decoded; LogicError
  /// after stop(), on another thread or loop, and when the child does not have the function (a library that was loaded
  /// later).
  template <auto Method, class... Given>
    requires(sizeof...(Given) == internal::MethodSignature<Method>::kCount)
  IsolatedMethodCall<Object, Method> call(Given&&... arguments) {
    return call<Method>(CallOptions{}, std::forward<Given>(arguments)...);
  }
  template <auto Method, class... Given>
    requires(sizeof...(Given) == internal::MethodSignature<Method>::kCount)
  IsolatedMethodCall<Object, Method> call(CallOptions options, Given&&... arguments) {
    static_assert(std::is_member_pointer_v<decltype(Method)>, "name a member of the object: call<&Policy::reset>");
    return {link(), options, typename internal::MethodSignature<Method>::Arguments(std::forward<Given>(arguments)...)};
  }

  /// Destroys the object in the child, after the calls that wait, and ends the process. Idempotent.
  ///
  /// Cancellation: as a call's; the child is killed after `grace` (real time) in any case: ChildHung.
  /// @throws ChildCrashed when the child had ended before or its destructor crashed.
  [[nodiscard]] internal::IsolatedStop<Object> stop() { return internal::IsolatedStop<Object>(link()); }

  /// The child's process id, for people; 0 before it is up.
  [[nodiscard]] pid_t process() const { return link()->process().process(); }

 private:
  [[nodiscard]] const std::shared_ptr<internal::IsolatedLink>& link() const {
    if (link_ == nullptr) {
      throw LogicError("an Isolated that was moved from has been used");
    }
    return link_;
  }
  void close() noexcept {
    if (link_ != nullptr) {
      link_->close();
    }
  }

  std::shared_ptr<internal::IsolatedLink> link_;
};

namespace internal {

/// "Policy": the type's own name.
template <class Object>
constexpr std::string_view object_name() noexcept {
  std::string_view text = __PRETTY_FUNCTION__;
  constexpr std::string_view kBefore = "Object = ";
  text.remove_prefix(text.find(kBefore) + kBefore.size());
  text = text.substr(0, text.find_first_of(";]<"));
  return text.substr(text.rfind(':') + 1);
}

template <class Factory>
Task<Isolated<IsolatedObject<Factory>>> isolate(IsolateOptions options, Factory factory,
                                                typename FactorySignature<Factory>::Arguments arguments) {
  if (options.name.empty()) {
    options.name = object_name<IsolatedObject<Factory>>();
  }
  auto link = std::make_shared<IsolatedLink>(std::move(options));
  IsolatedFactoryCall<Factory> made(link, factory, std::move(arguments));
  co_await std::move(made);
  co_return Isolated<IsolatedObject<Factory>>(std::move(link));
}

}  // namespace internal

/// Makes an object in a new child process.
///
/// @param factory    runs there; a function, or a lambda without captures, that gives the object or a unique_ptr to it.
/// @param arguments  travel there; converted to the factory's parameters here and now.
///
/// Cancellation: the factory is waited for, up to `IsolateOptions::grace`; then the child is killed and Cancelled
/// thrown. So with_timeout(60s, isolate(…)) limits how long a model may load.
///
/// @throws IsolatedError when the factory threw; Error when it gave a null pointer; ChildCrashed; MessageTooLarge;
/// LogicError when the program has no Zygote; SystemError.
template <class Factory, class... Given>
[[nodiscard]] auto isolate(IsolateOptions options, Factory factory, Given&&... arguments) {
  using Values = typename internal::FactorySignature<Factory>::Arguments;
  return internal::isolate<Factory>(std::move(options), factory, Values(std::forward<Given>(arguments)...));
}
template <class Factory, class... Given>
  requires(!std::same_as<Factory, IsolateOptions>)
[[nodiscard]] auto isolate(Factory factory, Given&&... arguments) {
  return isolate(IsolateOptions{}, factory, std::forward<Given>(arguments)...);
}

}  // namespace takt::async
