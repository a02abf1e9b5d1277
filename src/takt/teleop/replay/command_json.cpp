#include "takt/teleop/replay/command_json.hpp"

#include <cmath>
#include <utility>
#include <variant>

#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>
#include <fmt/format.h>

#include "takt/bus/bus.hpp"
#include "takt/messages/described.hpp"
#include "takt/messages/json.hpp"

namespace takt::teleop::replay {
namespace {

using messages::DecodeError;
using messages::JsonDocument;
using messages::JsonValue;
using messages::JsonWriter;
using messages::MaybeError;

constexpr double kShortestLease_s = 0.1;
constexpr double kLongestLease_s = 10.0;

void write_member_name(JsonWriter& out, std::string_view name) {
  out.text += out.text.back() == '{' ? "" : ",";
  messages::write_json(out, name);
  out.text += ':';
}

template <class T>
void write_named(JsonWriter& out, std::string_view name, const T& value) {
  write_member_name(out, name);
  messages::write_json(out, value);
}

void write_value(JsonWriter& out, const CommandValue& value) {
  if (std::holds_alternative<std::monostate>(value)) {
    out.text += "null";
    return;
  }
  std::visit(
      [&out](const auto& held) {
        if constexpr (!std::is_same_v<std::remove_cvref_t<decltype(held)>, std::monostate>) {
          messages::write_json(out, held);
        }
      },
      value);
}

/// A text member of at most kMaxCommandName bytes; "" where there is none. False: it is something else.
bool read_name(const JsonValue& json, std::string_view key, std::string& name) {
  const auto member = json.member(key);
  if (!member || member->is_null()) {
    return true;
  }
  const auto text = member->as_string();
  if (!text || text->size() > kMaxCommandName) {
    return false;
  }
  name = *text;
  return true;
}

/// "" or what is wrong with it.
std::string read_address(const JsonValue& json, ReplyAddress& address) {
  ReplyAddress read;
  if (!read_name(json, "client", read.client)) {
    return fmt::format("client: not a text of at most {} bytes", kMaxCommandName);
  }
  if (const auto corr = json.member("corr"); corr && !corr->is_null()) {
    const auto number = corr->as_uint64();
    if (!number || *number == 0) {
      return "corr: not a number from 1 on";
    }
    read.corr = *number;
  }
  if (!read_name(json, "reply_to", read.reply_to) ||
      (!read.reply_to.empty() && !(bus::is_legal_topic_name(read.reply_to) && read.reply_to.ends_with("/reply")))) {
    return "reply_to: not a topic that ends in /reply, such as /desk/reply";
  }
  if (!read.reply_to.empty() && read.corr == 0) {
    return "corr: missing, and a reply is wanted";
  }
  address = std::move(read);
  return "";
}

std::string refuse(bool wrong, const char* why) {
  return wrong ? why : "";
}

std::string check(const CommandParams& params) {
  for (const double number : {params.speed, params.t_s, params.from_s.value_or(0.0), params.to_s.value_or(0.0)}) {
    if (!std::isfinite(number)) {
      return "params: speed, t_s, from_s and to_s are finite numbers";
    }
  }
  return refuse(!(params.lease_s >= kShortestLease_s && params.lease_s <= kLongestLease_s),
                "params.lease_s: must be from 0.1 to 10 s");
}

std::string read_command(const JsonValue& json, Command& command) {
  const auto action = json.member("action");
  const auto name = action ? action->as_string() : std::nullopt;
  if (!name) {
    return "action: missing, or no text";
  }
  const auto known = action_from_name(*name);
  if (!known) {
    return fmt::format("action: {} is none", messages::to_json(std::string(name->substr(0, kMaxCommandName))));
  }
  command.action = *known;
  const auto params = json.member("params");
  if (!params || params->is_null()) {
    return "";
  }
  if (const auto error = messages::read_json(*params, command.params)) {
    return messages::under("params", *error).text();
  }
  return check(command.params);
}

template <class T>
MaybeError read_as(const JsonValue& json, CommandValue& value) {
  T read{};
  MaybeError error = messages::read_json(json, read);
  value = std::move(read);
  return error;
}

/// The value that this action gives; json is not null.
MaybeError read_value(CommandAction action, const JsonValue& json, CommandValue& value) {
  switch (action) {
    case CommandAction::kTriggerReplay:
      return json.is_object() ? read_as<TrajectoryColumns>(json, value) : read_as<std::uint64_t>(json, value);
    case CommandAction::kGetTrajectoryFrames:
      return read_as<TrajectoryColumns>(json, value);
    case CommandAction::kGetReplayAction:
      return read_as<messages::RobotState>(json, value);
    case CommandAction::kStatus:
      return read_as<ReplayStatus>(json, value);
    case CommandAction::kList:
      return read_as<std::vector<TrajectoryItem>>(json, value);
    default:
      return std::nullopt;  // whatever is said to what needs no answer
  }
}

BadRequest bad(std::string why) {
  return {.address = {}, .why = std::move(why)};
}

Expected<JsonDocument, BadRequest> parse(std::string_view text) {
  if (text.size() > kMaxCommandBytes) {
    return Unexpected(bad(fmt::format("{} bytes, at most {} are read", text.size(), kMaxCommandBytes)));
  }
  auto document = JsonDocument::parse(text);
  if (!document) {
    return Unexpected(bad(document.error().text()));
  }
  if (!document->root().is_object()) {
    return Unexpected(bad("not an object"));
  }
  return std::move(*document);
}

/// "" or what is wrong with it.
std::string read_result(CommandAction action, const JsonValue& json, CommandResult& result) {
  if (const auto error = json.member("error"); error && !error->is_null()) {
    const auto text = error->as_string();
    result = Unexpected(text ? messages::to_valid_utf8(*text) : "an error that is no text");
    return "";
  }
  const auto value = json.member("value");
  if (!value) {
    return "value: missing";
  }
  if (!value->is_null()) {
    if (const auto error = read_value(action, *value, *result)) {
      return messages::under("value", *error).text();
    }
  }
  return "";
}

}  // namespace

void write_json(JsonWriter& out, const SequencePart& part) {
  if (part.shipped) {
    messages::write_json(out, *part.shipped);
  } else {
    messages::write_json(out, std::string_view(part.name));
  }
}

MaybeError read_json(const JsonValue& json, SequencePart& part) {
  part = {};
  if (const auto name = json.as_string()) {
    part.name = *name;
    return std::nullopt;
  }
  MaybeError error = messages::read_json(json, part.shipped.emplace());
  part.name = part.shipped->name;
  return error;
}

void write_json(JsonWriter& out, const CommandParams& params) {
  static const CommandParams defaults;
  out.text += '{';
  boost::mp11::mp_for_each<boost::describe::describe_members<CommandParams, boost::describe::mod_public>>(
      [&](auto member) {
        if (!(params.*member.pointer == defaults.*member.pointer)) {
          write_named(out, member.name, params.*member.pointer);
        }
      });
  out.text += '}';
}

std::string encode(const CommandRequest& request) {
  JsonWriter out;
  out.text = "{";
  write_named(out, "action", std::string_view(action_name(request.command.action)));
  write_member_name(out, "params");
  write_json(out, request.command.params);
  if (!request.address.reply_to.empty()) {
    write_named(out, "reply_to", std::string_view(request.address.reply_to));
  }
  if (request.address.corr != 0) {
    write_named(out, "corr", request.address.corr);
  }
  if (!request.address.client.empty()) {
    write_named(out, "client", std::string_view(request.address.client));
  }
  out.text += '}';
  return std::move(out.text);
}

std::string encode(const CommandReply& reply) {
  JsonWriter out;
  out.text = "{";
  write_named(out, "corr", reply.corr);
  if (!reply.client.empty()) {
    write_named(out, "client", std::string_view(reply.client));
  }
  write_member_name(out, "value");
  if (reply.result) {
    write_value(out, *reply.result);
  } else {
    out.text += "null";
    write_named(out, "error", std::string_view(reply.result.error()));
  }
  out.text += '}';
  return std::move(out.text);
}

Expected<CommandRequest, BadRequest> decode_request(std::string_view text) {
  const auto document = parse(text);
  if (!document) {
    return Unexpected(document.error());
  }
  CommandRequest request;
  std::string why = read_address(document->root(), request.address);
  if (why.empty()) {
    why = read_command(document->root(), request.command);
  }
  if (!why.empty()) {
    return Unexpected(BadRequest{.address = std::move(request.address), .why = std::move(why)});
  }
  return request;
}

Expected<std::optional<CommandReply>, BadRequest> decode_reply(std::string_view text, const AskedFor& asked_for) {
  const auto document = parse(text);
  if (!document) {
    return Unexpected(document.error());
  }
  ReplyAddress address;
  if (std::string why = read_address(document->root(), address); !why.empty()) {
    return Unexpected(bad(std::move(why)));
  }
  if (address.corr == 0) {
    return Unexpected(bad("corr: missing"));
  }
  const auto action = asked_for(address.client, address.corr);
  if (!action) {
    return std::nullopt;
  }
  CommandReply reply{.client = address.client, .corr = address.corr, .result = {}};
  if (std::string why = read_result(*action, document->root(), reply.result); !why.empty()) {
    return Unexpected(BadRequest{.address = std::move(address), .why = std::move(why)});
  }
  return reply;
}

}  // namespace takt::teleop::replay
