#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <toml++/toml.h>

#include "takt/core/error.hpp"
#include "takt/messages/enum_name.hpp"

/// Private to teleop's sources: reads a TOML table key by key and says where what is wrong.
namespace takt::teleop {

/// Keys and texts of a file may hold line breaks and other control characters; a message is one line.
[[nodiscard]] inline std::string one_line(std::string text) {
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    c = byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  return text;
}

/// One table of a file. Each `read` takes a key; `finish` refuses the keys nobody took.
class TomlReader {
 public:
  TomlReader(const toml::table& table, std::string file, std::string path)
      : table_(table), file_(std::move(file)), path_(std::move(path)) {}

  /// Leaves `value` alone when the key is absent.
  template <class T>
  void read(std::string_view key, T& value) {
    if (const toml::node* node = take(key)) {
      convert(*node, key, value);
    }
  }

  /// As read; the number must be in [low, high].
  void read_in(std::string_view key, double& value, double low, double high) {
    const toml::node* node = take(key);
    if (node == nullptr) {
      return;
    }
    convert(*node, key, value);
    if (value < low || value > high) {
      fail(*node, key, "must be from " + number(low) + " to " + number(high) + ", is " + number(value));
    }
  }

  /// A sub-table, if there is one.
  [[nodiscard]] std::optional<TomlReader> table(std::string_view key) {
    const toml::node* node = take(key);
    if (node == nullptr) {
      return std::nullopt;
    }
    if (!node->is_table()) {
      fail(*node, key, "must be a table");
    }
    return TomlReader(*node->as_table(), file_, field(key));
  }

  /// The tables of `[[key]]`.
  [[nodiscard]] std::vector<TomlReader> tables(std::string_view key) {
    std::vector<TomlReader> readers;
    const toml::node* node = take(key);
    if (node == nullptr) {
      return readers;
    }
    if (!node->is_array_of_tables()) {
      fail(*node, key, "must be a list of tables, [[" + std::string(key) + "]]");
    }
    for (const toml::node& entry : *node->as_array()) {
      readers.emplace_back(*entry.as_table(), file_, field(key) + "[" + std::to_string(readers.size()) + "]");
    }
    return readers;
  }

  /// @throws ConfigError naming the first key that nobody read.
  void finish() const {
    for (const auto& [key, node] : table_) {
      if (!taken_.contains(std::string(key.str()))) {
        fail(node, key.str(), "unknown key");
      }
    }
  }

  [[nodiscard]] const std::string& file() const noexcept { return file_; }

  /// "pair[0].leader"
  [[nodiscard]] std::string field(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  }

  /// The line of a key, or of the table when it is absent.
  [[nodiscard]] std::size_t line_of(std::string_view key) const {
    const toml::node* node = table_.get(key);
    return node == nullptr ? table_.source().begin.line : node->source().begin.line;
  }

  [[nodiscard]] bool has(std::string_view key) const { return table_.contains(key); }

  [[nodiscard]] bool is_list(std::string_view key) const {
    const toml::node* node = table_.get(key);
    return node != nullptr && node->is_array();
  }

  /// All there are.
  [[nodiscard]] std::vector<std::string> keys() const {
    std::vector<std::string> all;
    for (const auto& [key, node] : table_) {
      all.emplace_back(key.str());
    }
    return all;
  }

  /// Where `key` stands, or the table when it is absent.
  [[noreturn]] void fail_at(std::string_view key, const std::string& what) const {
    const toml::node* node = table_.get(key);
    fail(node == nullptr ? static_cast<const toml::node&>(table_) : *node, key, what);
  }

 private:
  static std::string number(double value) {
    std::string text = std::to_string(value);
    text.erase(text.find_last_not_of('0') + 1);
    return text.back() == '.' ? text.substr(0, text.size() - 1) : text;
  }

  const toml::node* take(std::string_view key) {
    taken_.insert(std::string(key));
    return table_.get(key);
  }

  [[noreturn]] void fail(const toml::node& node, std::string_view key, const std::string& what) const {
    throw ConfigError(file_, node.source().begin.line, one_line(field(key)), one_line(what));
  }

  void convert(const toml::node& node, std::string_view key, double& value) const {
    const auto found = node.value<double>();
    if (!node.is_number() || !found) {
      fail(node, key, "must be a number");
    }
    if (!std::isfinite(*found)) {
      fail(node, key, "must be finite");
    }
    value = *found;
  }

  void convert(const toml::node& node, std::string_view key, bool& value) const {
    if (!node.is_boolean()) {
      fail(node, key, "must be true or false");
    }
    value = *node.value<bool>();
  }

  template <std::integral T>
  void convert(const toml::node& node, std::string_view key, T& value) const {
    const auto found = node.is_integer() ? node.value<std::int64_t>() : std::nullopt;
    if (!found || !std::in_range<T>(*found)) {
      fail(node, key, std::is_signed_v<T> ? "must be a whole number" : "must be a whole number, not negative");
    }
    value = static_cast<T>(*found);
  }

  void convert(const toml::node& node, std::string_view key, std::string& value) const {
    if (!node.is_string()) {
      fail(node, key, "must be a text");
    }
    value = *node.value<std::string>();
  }

  template <class E>
    requires std::is_enum_v<E>
  void convert(const toml::node& node, std::string_view key, E& value) const {
    std::string name;
    convert(node, key, name);
    for (char& c : name) {
      c = c == '-' ? '_' : c;  // "drain-newest", as the command line writes it
    }
    const auto found = messages::enum_from_name<E>(name);
    if (!found) {
      std::string known;
      boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto enumerator) {
        known += (known.empty() ? "" : ", ") + std::string(messages::spell_enumerator(enumerator.name).view());
      });
      fail(node, key, "'" + name + "' is none of " + known);
    }
    value = *found;
  }

  template <class T>
  void convert(const toml::node& node, std::string_view key, std::optional<T>& value) const {
    convert(node, key, value.emplace());
  }

  template <class T>
  void convert(const toml::node& node, std::string_view key, std::vector<T>& values) const {
    if (!node.is_array()) {
      fail(node, key, "must be a list");
    }
    values.clear();
    for (const toml::node& entry : *node.as_array()) {
      T value{};
      convert(entry, std::string(key) + "[" + std::to_string(values.size()) + "]", value);
      values.push_back(std::move(value));
    }
  }

  const toml::table& table_;  // outlives the reader: the parsed file
  std::string file_;
  std::string path_;
  std::set<std::string> taken_;
};

}  // namespace takt::teleop
