#include "takt/messages/json_value.hpp"

#include <bit>
#include <type_traits>
#include <utility>

#include <simdjson.h>

namespace takt::messages {
namespace {

using Element = simdjson::dom::element;
using Bytes = std::array<std::byte, 16>;

static_assert(sizeof(Element) == sizeof(Bytes) && std::is_trivially_copyable_v<Element>);

constexpr std::size_t kMaxDepth = 64;

Element element_of(const Bytes& bytes) noexcept {
  return std::bit_cast<Element>(bytes);
}

template <class T>
std::optional<T> get(const Bytes& bytes) noexcept {
  T value{};
  if (element_of(bytes).get(value) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

template <class Parsed>
JsonValue::JsonValue(const Parsed& element) noexcept : element_(std::bit_cast<Bytes>(element)) {}

bool JsonValue::is_null() const noexcept {
  return element_of(element_).is_null();
}
bool JsonValue::is_object() const noexcept {
  return element_of(element_).is_object();
}
std::optional<double> JsonValue::as_double() const noexcept {
  return get<double>(element_);
}
std::optional<std::int64_t> JsonValue::as_int64() const noexcept {
  return get<std::int64_t>(element_);
}
std::optional<std::uint64_t> JsonValue::as_uint64() const noexcept {
  return get<std::uint64_t>(element_);
}
std::optional<bool> JsonValue::as_bool() const noexcept {
  return get<bool>(element_);
}
std::optional<std::string_view> JsonValue::as_string() const noexcept {
  return get<std::string_view>(element_);
}

std::optional<JsonValue> JsonValue::member(std::string_view key) const noexcept {
  const auto object = get<simdjson::dom::object>(element_);
  if (!object) {
    return std::nullopt;
  }
  Element found;
  if (object->at_key(key).get(found) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return JsonValue(found);
}

bool JsonValue::each_element(const std::function<bool(const JsonValue&)>& visit) const {
  const auto array = get<simdjson::dom::array>(element_);
  if (!array) {
    return false;
  }
  for (const Element element : *array) {
    if (!visit(JsonValue(element))) {
      break;
    }
  }
  return true;
}

bool JsonValue::each_member(const std::function<bool(std::string_view, const JsonValue&)>& visit) const {
  const auto object = get<simdjson::dom::object>(element_);
  if (!object) {
    return false;
  }
  for (const auto& [key, element] : *object) {
    if (!visit(key, JsonValue(element))) {
      break;
    }
  }
  return true;
}

struct JsonDocument::Parsed {
  simdjson::dom::parser parser;
  Element root;
};

JsonDocument::JsonDocument(std::unique_ptr<Parsed> parsed) noexcept : parsed_(std::move(parsed)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

Expected<JsonDocument, DecodeError> JsonDocument::parse(std::string_view text) {
  auto parsed = std::make_unique<Parsed>();
  simdjson::error_code error = parsed->parser.allocate(std::max<std::size_t>(text.size(), 1), kMaxDepth);
  if (error == simdjson::SUCCESS) {
    error = parsed->parser.parse(text.data(), text.size()).get(parsed->root);
  }
  if (error != simdjson::SUCCESS) {
    return Unexpected(DecodeError{.path = "", .what = std::string("not JSON: ") + simdjson::error_message(error)});
  }
  return JsonDocument(std::move(parsed));
}

JsonValue JsonDocument::root() const noexcept {
  return JsonValue(parsed_->root);
}

}  // namespace takt::messages
