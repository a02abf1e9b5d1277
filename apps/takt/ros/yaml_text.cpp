#include "yaml_text.hpp"

#include "takt/core/error.hpp"
#include "takt/messages/json.hpp"
#include "takt/messages/json_value.hpp"

namespace takt::app {
namespace {

using messages::JsonValue;

bool is_array(const JsonValue& value) {
  return value.each_element([](const JsonValue&) { return false; });
}

bool is_empty(const JsonValue& value) {
  bool empty = true;
  const auto see = [&](const auto&...) { return empty = false; };
  return value.is_object() ? value.each_member(see) && empty : value.each_element(see) && empty;
}

/// YAML reads these as something else, or not at all.
bool needs_quotes(std::string_view text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/";
  return text.empty() || !kPlain.contains(text.front()) || text.back() == ' ' || text == "true" || text == "false" ||
         text == "null" || text == "yes" || text == "no" ||
         text.find_first_of(":#\n\t\r\"\\") != std::string_view::npos;
}

std::string scalar(const JsonValue& value) {
  if (const auto text = value.as_string()) {
    const bool plain = !needs_quotes(*text) && messages::to_json(std::string(*text)).size() == text->size() + 2;
    return plain ? std::string(*text) : messages::to_json(std::string(*text));
  }
  if (const auto flag = value.as_bool()) {
    return *flag ? "true" : "false";
  }
  if (const auto number = value.as_int64()) {
    return messages::to_json(*number);
  }
  if (const auto number = value.as_uint64()) {
    return messages::to_json(*number);
  }
  if (const auto number = value.as_double()) {
    return messages::to_json(*number);
  }
  return "null";
}

/// @param lead  what stands before the first line of an element: "- " or nothing
void write_block(std::string& out, const JsonValue& value, std::size_t indent, std::string_view lead);

/// What follows "name:" or "-".
void write_after(std::string& out, const JsonValue& value, std::size_t indent) {
  if (!value.is_object() && !is_array(value)) {
    out += " " + scalar(value) + "\n";
  } else if (is_empty(value)) {
    out += value.is_object() ? " {}\n" : " []\n";
  } else {
    out += "\n";
    write_block(out, value, indent, "");
  }
}

void write_block(std::string& out, const JsonValue& value, std::size_t indent, std::string_view lead) {
  const std::string margin(indent, ' ');
  bool first = true;
  value.each_member([&](std::string_view name, const JsonValue& member) {
    out += first && !lead.empty() ? std::string(lead) : margin;
    out += std::string(name) + ":";
    first = false;
    write_after(out, member, indent + 2);
    return true;
  });
  value.each_element([&](const JsonValue& element) {
    if (element.is_object() && !is_empty(element)) {
      write_block(out, element, indent + 2, margin + "- ");
    } else {
      out += margin + "-";
      write_after(out, element, indent + 2);
    }
    return true;
  });
}

}  // namespace

std::string yaml_text(std::string_view json) {
  const auto document = messages::JsonDocument::parse(json);
  if (!document) {
    throw LogicError("yaml_text: no JSON: " + document.error().text());
  }
  return yaml_text(document->root());
}

std::string yaml_text(const JsonValue& value) {
  if (is_empty(value) || (!value.is_object() && !is_array(value))) {
    return (value.is_object() ? "{}" : is_array(value) ? "[]" : scalar(value)) + "\n";
  }
  std::string text;
  write_block(text, value, 0, "");
  return text;
}

}  // namespace takt::app
