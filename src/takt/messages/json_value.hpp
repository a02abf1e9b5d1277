#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "takt/core/error.hpp"
#include "takt/messages/decode_error.hpp"

namespace takt::messages {

/// A value inside a JsonDocument, valid while the document lives. Reading the wrong kind gives nothing, never a guess.
class JsonValue {
 public:
  [[nodiscard]] bool is_null() const noexcept;
  [[nodiscard]] std::optional<double> as_double() const noexcept;       ///< any number
  [[nodiscard]] std::optional<std::int64_t> as_int64() const noexcept;  ///< an integer that fits
  [[nodiscard]] std::optional<std::uint64_t> as_uint64() const noexcept;
  [[nodiscard]] std::optional<bool> as_bool() const noexcept;
  [[nodiscard]] std::optional<std::string_view> as_string() const noexcept;

  /// The member of an object; nothing when this is no object or has no such member.
  [[nodiscard]] std::optional<JsonValue> member(std::string_view key) const noexcept;
  [[nodiscard]] bool is_object() const noexcept;

  /// Calls `visit` for each element of an array, or member of an object, in order, until it returns false. False when
  /// this is not one.
  bool each_element(const std::function<bool(const JsonValue&)>& visit) const;
  bool each_member(const std::function<bool(std::string_view, const JsonValue&)>& visit) const;

 private:
  friend class JsonDocument;
  template <class Element>
  explicit JsonValue(const Element& element) noexcept;
  alignas(8) std::array<std::byte, 16> element_{};  // a simdjson element, which is two words
};

/// A parsed JSON text. Owns it; not thread safe. Deeper nesting than 64 is refused.
class JsonDocument {
 public:
  [[nodiscard]] static Expected<JsonDocument, DecodeError> parse(std::string_view text);

  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

  [[nodiscard]] JsonValue root() const noexcept;

 private:
  struct Parsed;
  explicit JsonDocument(std::unique_ptr<Parsed> parsed) noexcept;
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace takt::messages
