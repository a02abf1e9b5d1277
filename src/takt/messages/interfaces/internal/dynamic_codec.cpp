#include <algorithm>
#include <concepts>
#include <string>
#include <utility>

#include "takt/messages/interfaces/internal/dynamic_plan.hpp"
#include "takt/messages/json.hpp"

namespace takt::messages::internal {
namespace {

MaybeError wrong(std::string what) {
  return DecodeError{.path = "", .what = std::move(what)};
}

/// As core::FixedString has it: a byte that is no UTF-8 becomes three, which may be more than fit.
std::string_view cut(std::string_view text, std::size_t capacity) {
  std::size_t end = std::min(text.size(), capacity);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return text.substr(0, end);
}

bool read_text(CdrReader& in, const DynamicField& field, JsonWriter& json) {
  std::string_view text;
  if (!in.text(text)) {
    return false;
  }
  if (field.kind == RosTypeId::FIELD_TYPE_STRING) {
    write_json(json, text);
    return true;
  }
  if (text.size() > field.text_capacity || text.contains('\0')) {
    return in.fail("not a text of at most " + std::to_string(field.text_capacity) + " bytes");
  }
  write_json(json, cut(to_valid_utf8(text), field.text_capacity));
  return true;
}

bool read_struct_into(CdrReader& in, const DynamicStruct& type, JsonWriter& json);

bool read_element(CdrReader& in, const DynamicField& field, JsonWriter& json) {
  if (field.nested != nullptr) {
    return read_struct_into(in, *field.nested, json);
  }
  if (field.kind == RosTypeId::FIELD_TYPE_STRING || field.kind == RosTypeId::FIELD_TYPE_BOUNDED_STRING) {
    return read_text(in, field, json);
  }
  return with_number_type(field.kind, [&](auto number) {
    if (!in.number(number)) {
      return false;
    }
    write_json(json, number);
    return true;
  });
}

bool read_count(CdrReader& in, const DynamicField& field, std::size_t& count) {
  if (field.repetition == Repetition::kArray) {
    count = field.capacity;
    return true;
  }
  return in.count(count, field.least_size) &&
         (field.repetition == Repetition::kUnbounded || count <= field.capacity ||
          in.fail(std::to_string(count) + " elements, the most is " + std::to_string(field.capacity)));
}

bool read_field(CdrReader& in, const DynamicField& field, JsonWriter& json) {
  if (field.repetition == Repetition::kOne) {
    return read_element(in, field, json);
  }
  std::size_t count = 0;
  if (!read_count(in, field, count)) {
    return false;
  }
  json.text += '[';
  for (std::size_t i = 0; i < count; ++i) {
    json.text += i == 0 ? "" : ",";
    if (!read_element(in, field, json)) {
      return in.failed_in(i);
    }
  }
  json.text += ']';
  return true;
}

bool read_struct_into(CdrReader& in, const DynamicStruct& type, JsonWriter& json) {
  json.text += '{';
  std::uint8_t nothing = 0;
  if (type.fields.empty() && !in.number(nothing)) {
    return false;
  }
  for (const DynamicField& field : type.fields) {
    json.text += &field == &type.fields.front() ? "" : ",";
    write_json(json, std::string_view(field.name));
    json.text += ':';
    if (!read_field(in, field, json)) {
      return in.failed_in(field.name);
    }
  }
  json.text += '}';
  return true;
}

// --- writing: `json` is null for what is not said
// ---------------------------------------------------------------------

template <class Out>
MaybeError write_text(Out& out, const DynamicField& field, const JsonValue* json) {
  const auto text = json == nullptr ? std::string_view() : json->as_string();
  if (!text) {
    return wrong("not a text");
  }
  const bool is_bounded = field.kind == RosTypeId::FIELD_TYPE_BOUNDED_STRING;
  if (is_bounded && (text->size() > field.text_capacity || text->contains('\0'))) {
    return wrong("not a text of at most " + std::to_string(field.text_capacity) + " bytes");
  }
  out.text(*text);
  return std::nullopt;
}

template <class Out>
MaybeError write_element(Out& out, const DynamicField& field, const JsonValue* json) {
  if (field.nested != nullptr) {
    return write_struct(out, *field.nested, json);
  }
  if (field.kind == RosTypeId::FIELD_TYPE_STRING || field.kind == RosTypeId::FIELD_TYPE_BOUNDED_STRING) {
    return write_text(out, field, json);
  }
  MaybeError error;
  static_cast<void>(with_number_type(field.kind, [&](auto number) {
    if (json != nullptr) {
      error = read_json(*json, number);
    }
    if constexpr (std::same_as<decltype(number), bool>) {
      out.number(static_cast<std::uint8_t>(number));
    } else {
      out.number(number);
    }
    return true;
  }));
  return error;
}

/// The elements of an array that is not said, or of a sequence.
template <class Out>
MaybeError write_elements(Out& out, const DynamicField& field, const JsonValue* json) {
  const bool is_array = field.repetition == Repetition::kArray;
  if (json == nullptr) {
    MaybeError error;
    for (std::size_t i = 0; is_array && !error && i < field.capacity; ++i) {
      error = write_element(out, field, nullptr);
    }
    if (!is_array) {
      out.count(0);
    }
    return error;
  }
  std::size_t count = 0;
  if (!json->each_element([&](const JsonValue&) { return ++count > 0; })) {
    return wrong("not an array");
  }
  if (is_array ? count != field.capacity : field.repetition == Repetition::kBounded && count > field.capacity) {
    return wrong(std::to_string(count) + (is_array ? " elements, want " : " elements, the most is ") +
                 std::to_string(field.capacity));
  }
  if (!is_array) {
    out.count(count);
  }
  return read_array(*json, [&](std::size_t, const JsonValue& element) { return write_element(out, field, &element); });
}

template <class Out>
MaybeError write_field(Out& out, const DynamicField& field, const JsonValue* json) {
  return field.repetition == Repetition::kOne ? write_element(out, field, json) : write_elements(out, field, json);
}

template <class Out>
MaybeError write_default(Out& out, const DynamicField& field) {
  if (field.default_json.empty()) {
    return write_field(out, field, nullptr);
  }
  const auto document = JsonDocument::parse(field.default_json);
  if (!document) {
    return document.error();
  }
  const JsonValue root = document->root();
  return write_field(out, field, &root);
}

MaybeError refuse_unknown(const DynamicStruct& type, const JsonValue& json) {
  MaybeError error;
  const bool is_object = json.each_member([&](std::string_view name, const JsonValue&) {
    if (std::ranges::find(type.fields, name, &DynamicField::name) == type.fields.end()) {
      error = under(name, *wrong("the type has no such member"));
    }
    return !error;
  });
  return is_object ? error : wrong("not an object");
}

}  // namespace

bool read_struct(CdrReader& in, const DynamicStruct& type, std::string& json) {
  JsonWriter writer;
  const bool good = read_struct_into(in, type, writer);
  json = std::move(writer.text);
  return good;
}

template <class Out>
MaybeError write_struct(Out& out, const DynamicStruct& type, const JsonValue* json) {
  MaybeError error = json == nullptr ? std::nullopt : refuse_unknown(type, *json);
  if (type.fields.empty()) {
    out.number(std::uint8_t{0});
  }
  for (const DynamicField& field : type.fields) {
    if (error) {
      break;
    }
    const auto said = json == nullptr ? std::nullopt : json->member(field.name);
    error = said ? write_field(out, field, &*said) : write_default(out, field);
    error = error ? MaybeError(under(field.name, std::move(*error))) : std::nullopt;
  }
  return error;
}

template MaybeError write_struct(CdrSizer& out, const DynamicStruct& type, const JsonValue* json);
template MaybeError write_struct(CdrWriter& out, const DynamicStruct& type, const JsonValue* json);

}  // namespace takt::messages::internal
