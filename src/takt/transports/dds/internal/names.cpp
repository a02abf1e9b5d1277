#include "takt/transports/dds/internal/names.hpp"

#include <algorithm>
#include <cctype>

#include "takt/core/error.hpp"

namespace takt::dds {
namespace {

constexpr std::size_t kMaxDdsTopic = 255;
constexpr std::string_view kTypeSpace = "dds_::";

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '/';
}

std::string checked(std::string_view prefix, std::string_view name, std::string_view suffix) {
  const bool whole = name.size() > 1 && name.front() == '/' && name.back() != '/' &&
                     name.find("//") == std::string_view::npos && std::ranges::all_of(name, is_name_character);
  if (!whole) {
    throw LogicError("dds: '" + std::string(name) +
                     "' is no name of a topic or service: one begins with '/', and has letters, digits and '_' "
                     "between single '/'");
  }
  std::string topic = std::string(prefix) + std::string(name) + std::string(suffix);
  if (topic.size() > kMaxDdsTopic) {
    throw LogicError("dds: the name '" + std::string(name) + "' is too long: " + std::to_string(topic.size()) +
                     " characters on DDS, where " + std::to_string(kMaxDdsTopic) + " are allowed");
  }
  return topic;
}

bool between(std::string_view text, std::string_view prefix, std::string_view suffix) {
  return text.size() > prefix.size() + suffix.size() && text.starts_with(prefix) && text.ends_with(suffix);
}

RosTopic stripped(RosTopic::Kind kind, std::string_view topic, std::string_view prefix, std::string_view suffix) {
  return {.kind = kind, .name = std::string(topic.substr(prefix.size(), topic.size() - prefix.size() - suffix.size()))};
}

}  // namespace

std::string topic_to_dds(std::string_view name) {
  return checked("rt", name, "");
}

std::string request_topic(std::string_view service) {
  return checked("rq", service, "Request");
}

std::string reply_topic(std::string_view service) {
  return checked("rr", service, "Reply");
}

std::string type_to_dds(std::string_view type) {
  std::string result;
  std::string_view rest = type;
  while (true) {
    const std::size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    if (part.empty()) {
      throw LogicError("dds: '" + std::string(type) + "' is no name of a type: pkg/msg/Type");
    }
    if (slash == std::string_view::npos) {
      return result + std::string(kTypeSpace) + std::string(part) + "_";
    }
    result += std::string(part) + "::";
    rest.remove_prefix(slash + 1);
  }
}

std::string type_from_dds(std::string_view type) {
  const std::size_t space = type.rfind(kTypeSpace);
  const bool mangled = space != std::string_view::npos && type.back() == '_' &&
                       (space == 0 || type.substr(0, space).ends_with("::")) &&
                       type.find("::", space + kTypeSpace.size()) == std::string_view::npos &&
                       type.size() > space + kTypeSpace.size() + 1;
  if (!mangled) {
    return std::string(type);
  }
  std::string result;
  for (std::string_view rest = type.substr(0, space); !rest.empty();) {
    const std::size_t end = rest.find("::");
    result += std::string(rest.substr(0, end)) + "/";
    rest.remove_prefix(end + 2);
  }
  const std::string_view last = type.substr(space + kTypeSpace.size());
  return result + std::string(last.substr(0, last.size() - 1));
}

std::string service_of_type(std::string_view type) {
  for (const std::string_view suffix : {"_Request", "_Response"}) {
    if (type.size() > suffix.size() && type.ends_with(suffix)) {
      return std::string(type.substr(0, type.size() - suffix.size()));
    }
  }
  return std::string(type);
}

RosTopic topic_from_dds(std::string_view topic) {
  if (between(topic, "rt/", "")) {
    return stripped(RosTopic::Kind::kTopic, topic, "rt", "");
  }
  if (between(topic, "rq/", "Request")) {
    return stripped(RosTopic::Kind::kRequest, topic, "rq", "Request");
  }
  if (between(topic, "rr/", "Reply")) {
    return stripped(RosTopic::Kind::kReply, topic, "rr", "Reply");
  }
  return {.kind = RosTopic::Kind::kOther, .name = std::string(topic)};
}

}  // namespace takt::dds
