#pragma once

#include <optional>
#include <string>

#include "takt/async/tasks/task.hpp"
#include "takt/messages/interfaces/dynamic_type.hpp"

#include "bus_session.hpp"
#include "qos_options.hpp"
#include "raw_endpoints.hpp"

/// What the commands share that listen to a topic: echo, hz, delay.
namespace takt::app {

struct ListenOptions {
  BusOptions bus;
  QosOptions qos;
  std::string topic;
  std::optional<std::string> type;
  std::optional<std::size_t> count;  ///< messages; none: without end
};

/// Adds TOPIC, TYPE, --count and what the bus needs.
void add_listen_options(CLI::App& app, ListenOptions& options);

/// A topic that is listened to, as its publishers offer it.
struct Listening {
  std::string topic;
  messages::DynamicType type;
  std::unique_ptr<RawSubscription> subscription;
};

/// Waits for somebody to have the topic, if its type is not said. Cancellation: Cancelled.
/// @throws ConfigError for a name or type that is none
[[nodiscard]] async::Task<Listening> listen(BusSession& session, const ListenOptions& options);

/// Gives the messages to `visit`, which says whether to go on, until there were as many as asked for.
/// @return the exit code: 1 when --timeout came before them
[[nodiscard]] int run_listening(const ListenOptions& options,
                                std::function<bool(const messages::DynamicType&, const RawMessage&)> visit);

}  // namespace takt::app
