#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "takt/async/tasks/task.hpp"
#include "takt/messages/interfaces/dynamic_type.hpp"
#include "takt/node/action.hpp"

#include "bus_session.hpp"
#include "raw_endpoints.hpp"

namespace takt::app {

struct GoalOptions {
  std::string action;
  std::string type;  ///< "example_interfaces/action/Fibonacci", "example_interfaces/Fibonacci"
  std::string values{"{}"};
  bool feedback{false};
  bool json{false};
};

/// A goal of an action whose type no C++ type stands for, from sending it to its end; says on standard output what
/// comes of it. As JSON that is a line for each message, as it came: feedback, result. For one task.
class GoalSending {
 public:
  /// @param session, options  outlive it
  GoalSending(BusSession& session, const GoalOptions& options);

  /// Waits for a server, sends the goal, waits for the result. @return the exit code: 0 when it has succeeded
  /// @throws ConfigError for a name, type or values that are none; DeviceError when the server goes or speaks wrongly.
  /// Cancellation: Cancelled; cancel() is next.
  [[nodiscard]] async::Task<int> run();
  /// Has the goal cancelled and waits for its end, if a server was asked and it has not ended. What fails here is said
  /// on standard error.
  [[nodiscard]] async::Task<void> cancel();

 private:
  [[nodiscard]] async::Task<messages::DynamicType> type_of(std::string part, std::string kind, std::string endpoint);
  [[nodiscard]] async::Task<bool> send();
  [[nodiscard]] async::Task<int> follow();
  [[nodiscard]] async::Task<void> listen();
  [[nodiscard]] async::Task<std::vector<std::byte>> result();
  [[nodiscard]] async::Task<void> cancel_and_wait();
  [[nodiscard]] std::string below(const char* part) const;
  void show_if_own(const RawMessage& message) const;
  void show_feedback(const RawMessage& message) const;
  [[nodiscard]] node::GoalStatus show_result(const std::vector<std::byte>& bytes) const;

  BusSession& session_;
  const GoalOptions& options_;
  const std::string name_;
  const std::string type_;
  const node::GoalId id_{node::new_goal_id()};
  std::optional<messages::DynamicType> result_type_;
  std::optional<messages::DynamicType> feedback_type_;
  std::unique_ptr<RawSubscription> feedback_;
  bool asked_{false};
  bool ended_{false};
};

}  // namespace takt::app
