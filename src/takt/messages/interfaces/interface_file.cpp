#include "takt/messages/interfaces/interface_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <utility>

#include "takt/core/error.hpp"
#include "takt/messages/interfaces/interface_value.hpp"
#include "takt/messages/interfaces/internal/interface_names.hpp"

namespace takt::messages {
namespace {

constexpr std::size_t kMostParts = 3;

constexpr std::array kPrimitives = {"bool",  "byte",   "char",  "float32", "float64", "int8",   "uint8",
                                    "int16", "uint16", "int32", "uint32",  "int64",   "uint64", "string"};

bool is_primitive(std::string_view name) {
  return std::ranges::find(kPrimitives, name) != kPrimitives.end();
}

// Boost.Describe names so many members of a struct at most, and a few of them are left for what may come.
constexpr std::size_t kMostFields = 50;

class Parser {
 public:
  Parser(std::string_view text, const InterfaceSource& source) : text_(text), source_(source) {}

  InterfaceFile run() {
    InterfaceFile file{.package = source_.package, .name = source_.name, .kind = source_.kind, .parts = {}};
    file.parts.emplace_back();
    while (!text_.empty()) {
      ++line_;
      const auto end = std::min(text_.find('\n'), text_.size());
      parse_line(file, text_.substr(0, end));
      text_.remove_prefix(std::min(end + 1, text_.size()));
    }
    end_of_part(file.parts.back());
    const std::size_t want = static_cast<std::size_t>(source_.kind) + 1;
    if (file.parts.size() != want) {
      fail("", "has " + std::to_string(file.parts.size()) +
                   " parts; a .msg has 1, a .srv 2, a .action 3, with --- between");
    }
    return file;
  }

 private:
  [[noreturn]] void fail(const std::string& field, const std::string& what) const {
    throw ConfigError(source_.file, line_, field, what);
  }

  void parse_line(InterfaceFile& file, std::string_view line) {
    const std::size_t comment = comment_at(line);
    const std::string_view code = trimmed(line.substr(0, comment));
    if (comment < line.size()) {
      const std::string_view words = line.substr(comment + 1);
      comments_.emplace_back(trimmed(words));
    } else if (code.empty()) {
      blank_line(file.parts.back());
    }
    if (code == "---") {
      if (file.parts.size() == kMostParts) {
        fail("", "a fourth part; an action has three");
      }
      end_of_part(file.parts.back());
      file.parts.emplace_back();
    } else if (!code.empty()) {
      parse_declaration(file.parts.back(), code);
    }
  }

  /// A comment that a blank line follows speaks of no single field; the ones at the begin speak of the message.
  void blank_line(InterfacePart& part) {
    if (part.fields.empty() && part.constants.empty()) {
      part.comments.insert(part.comments.end(), comments_.begin(), comments_.end());
    }
    comments_.clear();
  }
  void end_of_part(InterfacePart& part) { blank_line(part); }

  void parse_declaration(InterfacePart& part, std::string_view code) {
    const auto type_end = std::min(code.find_first_of(" \t"), code.size());
    const std::string_view rest = trimmed(code.substr(type_end));
    const auto name_end = std::min(rest.find_first_of(" \t="), rest.size());
    const std::string name(rest.substr(0, name_end));
    if (name.empty()) {
      fail("", "'" + std::string(code) + "' is neither `type name` nor `type NAME=value`");
    }
    InterfaceFieldType type = parse_type(code.substr(0, type_end), name);
    std::string_view after = trimmed(rest.substr(name_end));
    require_new(part, name);
    if (after.starts_with('=')) {
      parse_constant(part, std::move(type), name, trimmed(after.substr(1)));
    } else {
      parse_field(part, std::move(type), name, after);
    }
    comments_.clear();
  }

  void require_new(const InterfacePart& part, const std::string& name) const {
    const auto same = [&](const auto& other) { return cpp_name(other.name) == cpp_name(name); };
    if (std::ranges::any_of(part.fields, same) || std::ranges::any_of(part.constants, same)) {
      fail(name, "is declared twice");
    }
  }

  void parse_constant(InterfacePart& part, InterfaceFieldType type, const std::string& name, std::string_view text) {
    if (!is_constant(name)) {
      fail(name, "a constant is written in capitals, digits and '_'");
    }
    if (name == source_.name) {
      fail(name, "is what the type itself is called, and no member of it can be in C++");
    }
    if (!type.package.empty() || type.repetition != Repetition::kOne) {
      fail(name, "a constant is a number, a bool or a string");
    }
    auto value = parse_value(type, text);
    if (!value) {
      fail(name, value.error());
    }
    part.constants.push_back(
        {.type = std::move(type), .name = name, .value = std::move(*value), .comments = std::move(comments_)});
  }

  void parse_field(InterfacePart& part, InterfaceFieldType type, const std::string& name, std::string_view text) {
    if (!is_snake(name)) {
      fail(name, "a field is written in small letters, digits and single '_', beginning with a letter");
    }
    if (part.fields.size() == kMostFields) {
      fail(name, "one field too many: " + std::to_string(kMostFields) + " can be described");
    }
    InterfaceField field{
        .type = std::move(type), .name = name, .values = {}, .has_default = !text.empty(), .comments = {}};
    if (field.has_default) {
      field.values = parse_default(field.type, name, text);
    }
    field.comments = std::move(comments_);
    part.fields.push_back(std::move(field));
  }

  std::vector<InterfaceValue> parse_default(const InterfaceFieldType& type, const std::string& name,
                                            std::string_view text) const {
    if (!type.package.empty()) {
      fail(name, "a message as a field has no default of its own");
    }
    if (type.repetition == Repetition::kOne) {
      auto value = parse_value(type, text);
      if (!value) {
        fail(name, value.error());
      }
      return {std::move(*value)};
    }
    auto values = parse_values(type, text);
    if (!values) {
      fail(name, values.error());
    }
    const bool fits = type.repetition == Repetition::kArray     ? values->size() == type.capacity
                      : type.repetition == Repetition::kBounded ? values->size() <= type.capacity
                                                                : true;
    if (!fits) {
      fail(name, std::to_string(values->size()) + " elements for " + std::to_string(type.capacity));
    }
    return std::move(*values);
  }

  InterfaceFieldType parse_type(std::string_view text, const std::string& field) const {
    InterfaceFieldType type;
    if (const auto bracket = text.find('['); bracket != std::string_view::npos) {
      if (!text.ends_with(']')) {
        fail(field, "'" + std::string(text) + "': the bracket is not closed");
      }
      parse_repetition(type, text.substr(bracket + 1, text.size() - bracket - 2), field);
      text = text.substr(0, bracket);
    }
    if (text == "wstring" || text.starts_with("wstring<")) {
      fail(field, "wstring is not supported: its bytes differ from one ROS middleware to the next; use string (UTF-8)");
    }
    if (const auto bound = text.find("<="); bound != std::string_view::npos) {
      if (text.substr(0, bound) != "string") {
        fail(field, "'" + std::string(text) + "': only a string has such a bound");
      }
      type.text_bound = parse_size(text.substr(bound + 2), field);
      text = text.substr(0, bound);
    }
    parse_name(type, text, field);
    return type;
  }

  void parse_repetition(InterfaceFieldType& type, std::string_view inside, const std::string& field) const {
    if (inside.empty()) {
      type.repetition = Repetition::kUnbounded;
    } else if (inside.starts_with("<=")) {
      type.repetition = Repetition::kBounded;
      type.capacity = parse_size(inside.substr(2), field);
    } else {
      type.repetition = Repetition::kArray;
      type.capacity = parse_size(inside, field);
    }
  }

  std::size_t parse_size(std::string_view digits, const std::string& field) const {
    constexpr std::size_t kMost = 1'000'000;  // what is bounded is kept in place: more would not fit on a stack
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    if (error != std::errc{} || end != digits.data() + digits.size() || size == 0 || size > kMost) {
      fail(field, "'" + std::string(digits) + "' is no size from 1 to " + std::to_string(kMost));
    }
    return size;
  }

  void parse_name(InterfaceFieldType& type, std::string_view text, const std::string& field) const {
    if (is_primitive(text)) {
      type.name = text;
      return;
    }
    const auto slash = text.find('/');
    type.package = slash == std::string_view::npos ? source_.package : text.substr(0, slash);
    std::string_view name = slash == std::string_view::npos ? text : text.substr(slash + 1);
    if (name.starts_with("msg/")) {
      name.remove_prefix(4);
    }
    type.name = name;
    if (!is_snake(type.package) || !is_pascal(type.name)) {
      fail(field, "'" + std::string(text) + "' is no type of ROS");
    }
  }

  std::string_view text_;
  const InterfaceSource& source_;
  std::size_t line_{0};
  std::vector<std::string> comments_;  // seen, not yet given to anything
};

}  // namespace

InterfaceSource interface_source(const std::string& path, const std::optional<std::string>& package) {
  const auto absolute = std::filesystem::absolute(path).lexically_normal();
  const std::string extension = absolute.extension().string();
  InterfaceSource source{.file = path, .package = {}, .name = absolute.stem().string(), .kind = {}};
  if (extension == ".srv") {
    source.kind = InterfaceKind::kService;
  } else if (extension == ".action") {
    source.kind = InterfaceKind::kAction;
  } else if (extension != ".msg") {
    throw ConfigError(path, 0, "", "is neither .msg nor .srv nor .action");
  }
  source.package = package ? *package : absolute.parent_path().parent_path().filename().string();
  if (!is_pascal(source.name)) {
    throw ConfigError(path, 0, "",
                      "'" + source.name + "' is no name of a ROS type: letters and digits, a capital first");
  }
  if (!is_snake(source.package)) {
    throw ConfigError(
        path, 0, "",
        "'" + source.package + "' is no name of a ROS package; the file lies in <package>/msg, or give --package");
  }
  return source;
}

InterfaceFile parse_interface(std::string_view text, const InterfaceSource& source) {
  return Parser(text, source).run();
}

}  // namespace takt::messages
