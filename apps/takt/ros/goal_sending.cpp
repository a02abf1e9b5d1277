#include "goal_sending.hpp"

#include <chrono>
#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/core/error.hpp"
#include "takt/messages/json.hpp"
#include "takt/messages/json_value.hpp"
#include "takt/messages/packages/action_msgs.hpp"

#include "message_type.hpp"
#include "typed_call.hpp"
#include "yaml_text.hpp"

namespace takt::app {
namespace {

using namespace std::chrono_literals;
using action_msgs::CancelGoal;
using messages::DynamicType;
using messages::JsonDocument;
using messages::JsonValue;

/// For the server's feedback topic to find this program; feedback is lost before.
constexpr async::Duration kFeedbackShows = 2s;

/// "example_interfaces/Fibonacci" -> "example_interfaces/action/Fibonacci".
std::string full_type(const std::string& type) {
  const std::size_t slash = type.find('/');
  const bool is_short = slash != std::string::npos && slash == type.rfind('/');
  return is_short ? type.substr(0, slash) + "/action" + type.substr(slash) : type;
}

std::string json_of(const DynamicType& type, const std::vector<std::byte>& bytes) {
  auto json = type.json_from_cdr(bytes);
  if (!json) {
    throw DeviceError("what came is no " + type.name() + ": " + json.error().text());
  }
  return std::move(*json);
}

JsonDocument parsed(const std::string& json) {
  auto document = JsonDocument::parse(json);
  if (!document) {
    throw DeviceError("what came cannot be shown: " + document.error().text());
  }
  return std::move(*document);
}

/// A member that the type of an action's message has.
JsonValue member(const JsonValue& value, const char* name) {
  const auto found = value.member(name);
  if (!found) {
    throw DeviceError(std::string("a message of the action has no ") + name);
  }
  return *found;
}

bool is_of(const JsonValue& message, const node::GoalId& id) {
  std::size_t i = 0;
  bool same = true;
  member(member(message, "goal_id"), "uuid").each_element([&](const JsonValue& byte) {
    same = same && i < id.size() && byte.as_uint64() == id.at(i);
    ++i;
    return same;
  });
  return same && i == id.size();
}

}  // namespace

GoalSending::GoalSending(BusSession& session, const GoalOptions& options)
    : session_(session), options_(options), name_(full_name(options.action)), type_(full_type(options.type)) {}

std::string GoalSending::below(const char* part) const {
  return name_ + "/_action/" + part;
}

async::Task<int> GoalSending::run() {
  try {
    const bool accepted = co_await send();
    co_return accepted ? co_await follow() : 1;
  } catch (const async::Cancelled&) {
    throw;
  } catch (...) {
    ended_ = true;  // there is nobody whom one could ask to cancel it
    throw;
  }
}

/// A type that takt does not ship is asked of the servers, once they show.
/// @param kind  of the message, or the service of which `part` is one; endpoint: who has it
async::Task<DynamicType> GoalSending::type_of(std::string part, std::string kind, std::string endpoint) {
  TypeQuery query;
  query.name = type_ + kind;
  query.part = std::move(part);
  query.endpoints = [endpoint = below(endpoint.c_str())](const node::Graph& graph) {
    auto all = graph.servers(endpoint);
    const auto publishers = graph.publishers(endpoint);
    all.insert(all.end(), publishers.begin(), publishers.end());
    return all;
  };
  if (!is_shipped(query.name)) {
    session_.require_graph();
    const auto is_there = [&](const node::Graph& graph) { return !query.endpoints(graph).empty(); };
    static_cast<void>(co_await session_.wait_for(is_there, std::nullopt));
  }
  co_return co_await find_type(session_, query);
}

async::Task<bool> GoalSending::send() {
  const DynamicType request = co_await type_of("_Request", "_SendGoal", "send_goal");
  const DynamicType response = co_await type_of("_Response", "_SendGoal", "send_goal");
  result_type_ = co_await type_of("_Response", "_GetResult", "get_result");
  feedback_type_ = co_await type_of("", "_FeedbackMessage", "feedback");
  if (const auto values = JsonDocument::parse(options_.values); !values) {
    throw ConfigError("VALUES", 0, values.error().path, values.error().what);
  }
  auto bytes = bytes_of(
      request, fmt::format(R"({{"goal_id":{{"uuid":[{}]}},"goal":{}}})", fmt::join(id_, ","), options_.values));
  bus::ServiceEndpoint service;
  service.name = below("send_goal");
  service.request = id_of(request);
  service.reply = id_of(response);
  service.node = session_.node();
  if (options_.feedback) {
    bus::TopicEndpoint topic;
    topic.name = below("feedback");
    topic.type = id_of(*feedback_type_);
    topic.node = session_.node();
    feedback_ = std::make_unique<RawSubscription>(session_, topic);
    static_cast<void>(co_await async::with_timeout(kFeedbackShows, feedback_->wait_for_publisher()));
  }
  if (!options_.json) {
    const std::string sent = json_of(request, bytes);
    fmt::print("goal:\n{}\n", yaml_text(member(parsed(sent).root(), "goal")));
    std::fflush(stdout);
  }
  RawCall call(session_, service);
  co_await call.ask(std::move(bytes));
  asked_ = true;
  const std::string reply = json_of(response, co_await call.reply());
  const JsonDocument document = parsed(reply);
  const bool accepted = member(document.root(), "accepted").as_bool().value_or(false);
  ended_ = !accepted;
  if (!accepted) {
    fmt::print(stderr, "takt: {}: the goal was rejected\n", name_);
  } else if (!options_.json) {
    fmt::print("goal accepted: {:02x}\n\n", fmt::join(id_, ""));
  }
  std::fflush(stdout);
  co_return accepted;
}

async::Task<int> GoalSending::follow() {
  std::vector<std::byte> bytes;
  co_await async::with_nursery([&](async::Nursery& nursery) -> async::Task<async::Join> {
    if (feedback_ != nullptr) {
      nursery.start("feedback", listen());
    }
    bytes = co_await result();
    co_return async::kCancel;
  });
  ended_ = true;
  while (feedback_ != nullptr) {  // what came before the result and was not shown yet
    const auto message = feedback_->try_next();
    if (!message) {
      break;
    }
    show_if_own(*message);
  }
  co_return show_result(bytes) == node::GoalStatus::kSucceeded ? 0 : 1;
}

async::Task<void> GoalSending::listen() {
  for (;;) {
    const RawMessage message = co_await feedback_->next();
    show_if_own(message);
  }
}

async::Task<std::vector<std::byte>> GoalSending::result() {
  // A request of the result is a goal's id, whatever the action.
  unique_identifier_msgs::UUID id;
  id.uuid = id_;
  const DynamicType request = co_await type_of("_Request", "_GetResult", "get_result");
  bus::ServiceEndpoint service;
  service.name = below("get_result");
  service.request = id_of(request);
  service.reply = id_of(*result_type_);
  service.node = session_.node();
  co_return co_await call_raw(session_, std::move(service), messages::to_cdr(id));
}

void GoalSending::show_if_own(const RawMessage& message) const {
  try {
    show_feedback(message);
  } catch (const DeviceError& error) {  // its goal goes on
    fmt::print(stderr, "takt: {}: {}\n", name_, error.what());
  }
}

void GoalSending::show_feedback(const RawMessage& message) const {
  const std::string json = json_of(*feedback_type_, message.bytes);
  const JsonDocument document = parsed(json);
  if (!is_of(document.root(), id_)) {
    return;
  }
  if (options_.json) {
    fmt::print("{}\n", json);
  } else {
    fmt::print("feedback:\n{}\n", yaml_text(member(document.root(), "feedback")));
  }
  std::fflush(stdout);
}

node::GoalStatus GoalSending::show_result(const std::vector<std::byte>& bytes) const {
  const std::string json = json_of(*result_type_, bytes);
  const JsonDocument document = parsed(json);
  const auto number = member(document.root(), "status").as_int64().value_or(0);
  const bool is_one = number >= 0 && number <= static_cast<std::int64_t>(node::GoalStatus::kAborted);
  const auto status = is_one ? static_cast<node::GoalStatus>(number) : node::GoalStatus::kUnknown;
  if (options_.json) {
    fmt::print("{}\n", json);
  } else {
    fmt::print("result:\n{}\ngoal {}\n", yaml_text(member(document.root(), "result")), node::to_string(status));
  }
  std::fflush(stdout);
  return status;
}

async::Task<void> GoalSending::cancel() {
  if (!asked_ || ended_) {
    co_return;
  }
  try {
    co_await cancel_and_wait();
  } catch (const Error& error) {
    fmt::print(stderr, "takt: {}\n", error.what());
  }
}

async::Task<void> GoalSending::cancel_and_wait() {
  CancelGoal::Request request;
  request.goal_info.goal_id.uuid = id_;
  const auto response = co_await call_service<CancelGoal>(session_, below("cancel_goal"), request);
  if (response.return_code != CancelGoal::Response::ERROR_NONE || response.goals_canceling.empty()) {
    fmt::print(stderr, "takt: {}: the goal could not be cancelled and goes on\n", name_);
    co_return;
  }
  const auto bytes = co_await result();
  static_cast<void>(show_result(bytes));
}

}  // namespace takt::app
