#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "takt/async/tasks/nursery.hpp"
#include "takt/bus/bus.hpp"
#include "takt/node/action.hpp"
#include "takt/node/client.hpp"
#include "takt/node/clock.hpp"
#include "takt/node/errors.hpp"
#include "takt/node/graph.hpp"
#include "takt/node/internal/make_entity.hpp"
#include "takt/node/internal/names.hpp"
#include "takt/node/internal/node_core.hpp"
#include "takt/node/logger.hpp"
#include "takt/node/parameters.hpp"
#include "takt/node/publisher.hpp"
#include "takt/node/service.hpp"
#include "takt/node/subscription.hpp"
#include "takt/node/timer.hpp"
#include "takt/node/waitable.hpp"

namespace takt::node {

namespace internal {
class Facilities;
}

struct NodeOptions {
  std::string node_namespace{"/"};
  std::string enclave{"/"};
  bool use_sim_time{false};  ///< its clock shows /clock instead of the wall; the parameter of that name
  ParametersOptions parameters{};
  bool declare_overrides{false};        ///< declares every parameter that has an override
  bool parameter_services{true};        ///< others can see and set its parameters
  bool rosout{true};                    ///< what it logs is published
  bool logger_services{false};          ///< others can see and set what it logs
  bool type_description_service{true};  ///< others can ask what its types are
};

/// What handles the messages of a topic: a function of the message, or of the message and its MessageInfo; plain or a
/// coroutine (Task<void>), to which both stay valid until it ends.
template <class F, class T>
concept MessageHandler =
    internal::Handles<F, void, const T&> || internal::Handles<F, void, const T&, const bus::MessageInfo&>;

/// What answers the requests of a service: a function of the request, plain or a coroutine, to which it stays valid.
template <class F, class S>
concept RequestHandler = internal::Handles<F, typename S::Response, const typename S::Request&>;

template <messages::RosAction A>
class ActionClient;
template <messages::RosAction A>
class ActionServer;
template <messages::RosAction A>
class ActiveGoal;

/// What works on the goals of an action: a coroutine, to which its ActiveGoal stays valid.
template <class F, class A>
concept GoalHandler = std::same_as<std::invoke_result_t<F&, ActiveGoal<A>&>, async::Task<typename A::Result>>;

/// A named participant of a bus: publishers, subscriptions, services, clients, timers, a clock.
///
///   constructed   its entities exist and can be seen; publishers publish; what comes for the others waits
///   entered       (with_node, or run()) every entity works, in a task of its own
///   left          all of it is destroyed: readers and handlers are cancelled and have ended
///   destroyed     (destroy(), leaving, the destructor) for good: entities cannot be made any more, using one throws
///
/// A handler that throws fails the node, and its block, where its entity's FailurePolicy does not say otherwise.
///
/// Names: "/a" is absolute, "a" is below the node's namespace, "~/a" below the node.
///
/// A resource; must outlive the block that it is entered for. Loop thread, where not said otherwise; before it is
/// entered, one thread at a time.
class Node {
 public:
  /// @throws LogicError when the name or namespace is not legal
  Node(std::string_view name, std::shared_ptr<bus::Bus> bus, const NodeOptions& options = {});
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node();

  /// Enters the node and leaves it when somebody destroys it. @throws ExceptionGroup when a handler threw; LogicError
  /// when it is entered already, or destroyed. Cancellation: leaves the node, then Cancelled.
  [[nodiscard]] async::Task<void> run();

  /// Ends everything. Handlers are cancelled at their next await; the block around waits for them. Idempotent. Any
  /// thread: on another one than its loop's it happens there, soon. From inside one of its own handlers it is as good.
  void destroy() noexcept;
  [[nodiscard]] bool destroyed() const noexcept;

  /// Hears nothing new, hides its services from its own process, handles what has come, waits for the handlers that
  /// run, at most `limit`; then destroys it. Clients go on meanwhile. Not from inside one of its own handlers: it would
  /// wait for itself. Cancellation: Cancelled, not destroyed yet.
  [[nodiscard]] async::Task<void> drain(async::Duration limit);

  // All that make an entity: @throws LogicError when the node is destroyed, the name is not legal or of another type,
  // or the type has no wire form and a transport would have to carry it.

  template <internal::Message T>
  [[nodiscard]] Publisher<T> publisher(std::string_view topic, const PublisherOptions& options = {}) {
    return Publisher<T>(make<internal::PublisherCore<T>>(resolve(topic), options));
  }

  template <internal::Message T, MessageHandler<T> F>
  Subscription<T> subscribe(std::string_view topic, F handler, const SubscriptionOptions& options = {}) {
    using Function = typename internal::SubscriptionCore<T>::Function;
    if constexpr (internal::Handles<F, void, const T&>) {
      return subscription<T>(
          topic, Function([handler = std::move(handler)](const T& message, const bus::MessageInfo&) mutable {
            return handler(message);
          }),
          options, false);
    } else {
      return subscription<T>(topic, Function(std::move(handler)), options, true);
    }
  }
  /// To be read with Subscription::next().
  template <internal::Message T>
  [[nodiscard]] Subscription<T> subscribe(std::string_view topic, const SubscriptionOptions& options = {}) {
    return subscription<T>(topic, {}, options, true);
  }

  template <internal::ServiceType S, RequestHandler<S> F>
  Service<S> serve(std::string_view name, F handler, const ServiceOptions& options = {}) {
    using Function = typename internal::ServiceCore<S>::Function;
    const std::string resolved = resolve(name);
    Service<S> service(make<internal::ServiceCore<S>>(resolved, Function(std::move(handler)), options));
    if (!options.in_process_only) {  // not of the services that every node has
      internal::warn_without_requests(*core_, "service", resolved);
    }
    return service;
  }

  template <internal::ServiceType S>
  [[nodiscard]] Client<S> client(std::string_view name, const ClientOptions& options = {}) {
    return Client<S>(make<internal::ClientCore<S>>(resolve(name), options));
  }

  /// In takt/node/action_server.hpp.
  template <messages::RosAction A, GoalHandler<A> F>
  ActionServer<A> action_server(std::string_view name, F execute, ActionServerOptions<A> options = {});
  /// In takt/node/action_client.hpp.
  template <messages::RosAction A>
  [[nodiscard]] ActionClient<A> action_client(std::string_view name);

  /// @throws LogicError when the period is negative, too
  template <TimerCallback F>
  Timer timer(async::Duration period, F callback, const TimerOptions& options = {}) {
    return make_timer(period, Timer::make_handler(std::move(callback)), options);
  }

  /// Lets the loop serve it while the node is entered. @param name  for errors
  Attachment attach(const std::string& name, std::shared_ptr<Waitable> waitable, const WaitableOptions& options = {});

  /// As long as the node.
  [[nodiscard]] Clock& clock() noexcept;
  /// Sets the parameter of that name. @throws LogicError when the node is destroyed, or that is refused
  void use_sim_time(bool on);
  /// As long as the Node.
  [[nodiscard]] Parameters& parameters() noexcept;
  [[nodiscard]] Logger& logger() noexcept;

  /// Fully qualified: "/ns/name". Any thread.
  [[nodiscard]] const std::string& name() const noexcept;
  [[nodiscard]] bus::Bus& bus() const noexcept;
  /// As seen now. Any thread.
  [[nodiscard]] Graph graph() const;
  /// Waits until there is a node of that name; event driven. @param name  a missing leading '/' is added. False: there
  /// was none within `limit`, or this node was destroyed. Cancellation: Cancelled.
  [[nodiscard]] async::Task<bool> wait_for_node(std::string name, std::optional<async::Duration> limit = {});

  /// Internal to node.
  [[nodiscard]] std::shared_ptr<internal::NodeCore> core() const noexcept { return core_; }

 private:
  [[nodiscard]] std::string resolve(std::string_view name) const { return internal::resolve_name(this->name(), name); }

  template <class Core, class... Args>
  [[nodiscard]] std::shared_ptr<Core> make(Args&&... args) {
    return internal::make_entity<Core>(core_, std::forward<Args>(args)...);
  }
  /// One that makes further entities, its endpoints.
  template <class Core, class... Args>
  [[nodiscard]] std::shared_ptr<Core> make_opened(Args&&... args) {
    auto core = make<Core>(std::forward<Args>(args)...);
    try {
      core->open();
    } catch (...) {
      core->destroy();
      throw;
    }
    return core;
  }
  template <class T>
  [[nodiscard]] Subscription<T> subscription(std::string_view topic,
                                             typename internal::SubscriptionCore<T>::Function function,
                                             const SubscriptionOptions& options, bool wants_info) {
    return Subscription<T>(
        make<internal::SubscriptionCore<T>>(resolve(topic), std::move(function), options, wants_info));
  }
  [[nodiscard]] Timer make_timer(async::Duration period, Timer::Handler callback, const TimerOptions& options);

  std::shared_ptr<internal::NodeCore> core_;
  std::unique_ptr<internal::Facilities> facilities_;
};

/// Destroys every node of a bus, as Node::destroy() does. Any thread.
void destroy_nodes(bus::Bus& bus) noexcept;

namespace internal {

/// Inside a node, for a block.
class Stay {
 public:
  explicit Stay(NodeCore& node) : node_(node) { node_.enter(); }
  Stay(const Stay&) = delete;
  Stay& operator=(const Stay&) = delete;
  ~Stay() { node_.leave(); }

 private:
  NodeCore& node_;
};

/// Runs the block's body; the node is destroyed when it has ended, however it did. Errors that only say that this node
/// was destroyed are no failure.
[[nodiscard]] async::Task<void> run_body(NodeCore& node, async::Task<void> body);

}  // namespace internal

/// Enters the node, runs `body()` in the calling task, destroys the node, and goes on when everything of it has ended:
///
///   co_await with_node(node, [&]() -> Task<void> { … });
///
/// When the node is destroyed meanwhile, the body goes on to its end, but for what waits on the node: calls, sleeps,
/// next(). The first failure of a handler, or of the body, cancels all the rest. Cancellation: of all, then Cancelled.
///
/// @param body  gives Task<void>; kept while the node is entered
/// @throws ExceptionGroup with every failure, named after its entity; LogicError when the node is entered already, or
/// destroyed
template <class Body>
  requires std::same_as<std::invoke_result_t<Body&>, async::Task<void>>
async::Task<void> with_node(Node& node, Body body, std::source_location where = std::source_location::current()) {
  const std::shared_ptr<internal::NodeCore> core = node.core();
  const internal::Stay stay(*core);
  const auto inside = [&](async::Nursery& nursery) -> async::Task<async::Join> {
    core->start(nursery);
    co_await internal::run_body(*core, body());
    co_return async::kCancel;
  };
  co_await async::with_nursery(inside, where);
}

/// Several nodes for one block: with_node(a, b, body).
template <class... More>
async::Task<void> with_node(Node& first, Node& second, More... more) {
  const auto inside = [&]() -> async::Task<void> { co_await with_node(second, std::move(more)...); };
  co_await with_node(first, inside);
}

}  // namespace takt::node
