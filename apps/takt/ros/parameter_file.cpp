#include "parameter_file.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "takt/core/error.hpp"

#include "parameter_value.hpp"

namespace takt::app {
namespace {

constexpr std::string_view kParameters = "ros__parameters";

std::vector<std::string> parts_of(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string_view without_comment(std::string_view line) {
  std::size_t end = line.size();
  static_cast<void>(each_unquoted(line, [&](std::size_t i, char c) {
    if (c == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t')) {
      end = std::min(end, i);
    }
  }));
  return line.substr(0, end);
}

/// Brackets that a line opens and does not close.
int open_brackets(std::string_view text) {
  int open = 0;
  static_cast<void>(each_unquoted(text, [&](std::size_t, char c) { open += c == '[' ? 1 : c == ']' ? -1 : 0; }));
  return open;
}

/// Line by line; `open_` is the way from the root to the last key, which may still get a value, elements or keys below.
class Reader {
 public:
  Reader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  std::vector<FileParameter> read() {
    while (const auto content = next_line()) {
      if (content->starts_with("- ") || *content == "-") {
        take_element(trimmed(content->substr(1)));
      } else {
        take_key(*content);
      }
    }
    close_from(0);
    return std::move(found_);
  }

 private:
  struct Key {
    std::string name;
    std::size_t indent{0};
    std::size_t line{0};
    bool has_value{false};
    bool has_keys{false};
    std::vector<YamlScalar> elements;
  };

  [[noreturn]] void fail(const std::string& what, std::size_t line) const {
    std::string field;
    for (const Key& key : open_) {
      field += (field.empty() ? "" : ".") + key.name;
    }
    throw ConfigError(file_, line, field, what);
  }
  [[noreturn]] void fail(const std::string& what) const { fail(what, line_); }

  /// The next line that says something, without its indent and comment. Nothing: the end.
  std::optional<std::string_view> next_line() {
    while (!text_.empty()) {
      const std::size_t end = std::min(text_.find('\n'), text_.size());
      std::string_view line = text_.substr(0, end);
      text_.remove_prefix(std::min(end + 1, text_.size()));
      ++line_;
      indent_ = std::min(line.find_first_not_of(' '), line.size());
      const std::string_view content = trimmed(without_comment(line));
      if (!content.empty() && line[indent_] == '\t') {
        fail("is indented by a tab; YAML wants blanks");
      }
      const bool is_mark = indent_ == 0 && (content == "---" || content.starts_with("%YAML"));
      if (!content.empty() && !is_mark) {
        return content;
      }
    }
    return std::nullopt;
  }

  void take_element(std::string_view text) {
    close_from(indent_ + 1);
    if (open_.empty() || open_.back().has_value || open_.back().has_keys) {
      fail("'- ' belongs to no name");
    }
    auto element = parse_scalar(text);
    if (!element || text.empty()) {
      fail(element ? "'-' without a value" : element.error());
    }
    open_.back().elements.push_back(std::move(*element));
  }

  void take_key(std::string_view content) {
    const bool is_sibling = std::ranges::any_of(open_, [&](const Key& key) { return key.indent == indent_; });
    close_from(indent_);
    if (!is_sibling &&
        (closed_one_ || (!open_.empty() && (open_.back().has_value || !open_.back().elements.empty())))) {
      fail("is indented like nothing above it");
    }
    if (!open_.empty()) {
      open_.back().has_keys = true;
    }
    std::string_view rest = content;
    Key key;
    key.name = name_of(rest);
    key.indent = indent_;
    key.line = line_;
    open_.push_back(std::move(key));
    if (!rest.empty()) {
      take_value(rest);
    }
  }

  /// "name: value", of which the value stays. @return the name
  std::string name_of(std::string_view& rest) {
    std::size_t end = std::string_view::npos;
    static_cast<void>(each_unquoted(rest, [&](std::size_t i, char c) {
      const bool is_end = c == ':' && (i + 1 == rest.size() || rest[i + 1] == ' ' || rest[i + 1] == '\t');
      end = is_end ? std::min(end, i) : end;
    }));
    if (end == std::string_view::npos) {
      fail("'" + std::string(rest) + "' is no 'name: value'");
    }
    const auto name = parse_scalar(trimmed(rest.substr(0, end)));
    if (!name || name->text.empty()) {
      fail(name ? "a name is empty" : name.error());
    }
    rest = trimmed(rest.substr(end + 1));
    return name->text;
  }

  void take_value(std::string_view first) {
    open_.back().has_value = true;
    std::string text(first);
    if (first.starts_with('[')) {  // may go on for several lines
      for (int open = open_brackets(first); open > 0;) {
        const auto more = next_line();
        if (!more) {
          fail("the list that begins here does not end", open_.back().line);
        }
        open += open_brackets(*more);
        text += ' ';
        text += *more;
      }
    }
    if (text == "{}") {
      return;
    }
    auto value = parse_parameter(text);
    if (!value) {
      fail(value.error());
    }
    add(std::move(*value));
  }

  /// Leaves all keys that stand as far to the right as this or farther.
  void close_from(std::size_t indent) {
    closed_one_ = false;
    while (!open_.empty() && open_.back().indent >= indent) {
      if (!open_.back().elements.empty()) {
        auto list = list_of(open_.back().elements);
        if (!list) {
          fail(list.error(), open_.back().line);
        }
        add(std::move(*list));
      } else if (!open_.back().has_value && !open_.back().has_keys && is_parameter()) {
        fail("has no value", open_.back().line);
      }
      open_.pop_back();
      closed_one_ = true;
    }
  }

  [[nodiscard]] std::vector<Key>::const_iterator parameters_key() const {
    return std::ranges::find(open_, kParameters, &Key::name);
  }
  /// Whether the last key stands below ros__parameters.
  [[nodiscard]] bool is_parameter() const {
    const auto section = parameters_key();
    return section != open_.end() && std::next(section) != open_.end();
  }

  /// A value of the last key.
  void add(ParameterValue value) {
    const auto section = parameters_key();
    if (!is_parameter() || section == open_.begin()) {
      fail("is no parameter: want NODE, below it ros__parameters, and below that NAME: VALUE", open_.back().line);
    }
    FileParameter found;
    for (auto key = open_.cbegin(); key != section; ++key) {
      for (const std::string& part : parts_of(key->name, '/')) {
        found.node += part.empty() ? "" : "/" + part;
      }
    }
    for (auto key = std::next(section); key != open_.cend(); ++key) {
      found.parameter.name += (found.parameter.name.empty() ? "" : ".") + key->name;
    }
    found.parameter.value = std::move(value);
    found.line = open_.back().line;
    found_.push_back(std::move(found));
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t line_{0};
  std::size_t indent_{0};
  bool closed_one_{false};
  std::vector<Key> open_;
  std::vector<FileParameter> found_;
};

/// @param section, node  the parts that are still to be matched
bool parts_match(std::span<const std::string> section, std::span<const std::string> node) {
  // Where the last '**' stands, and how much of the node it has taken: what fails later, it takes one more.
  std::optional<std::pair<std::size_t, std::size_t>> last_any;
  std::size_t i = 0;
  std::size_t k = 0;
  while (k < node.size()) {
    if (i < section.size() && section[i] == "**") {
      last_any = {i++, k};
    } else if (i < section.size() && (section[i] == "*" || section[i] == node[k])) {
      ++i;
      ++k;
    } else if (last_any) {
      k = ++last_any->second;
      i = last_any->first + 1;
    } else {
      return false;
    }
  }
  return std::all_of(section.begin() + static_cast<std::ptrdiff_t>(i), section.end(),
                     [](const std::string& part) { return part == "**"; });
}

}  // namespace

std::vector<FileParameter> parse_parameter_file(std::string_view text, const std::string& file) {
  return Reader(text, file).read();
}

bool is_for_node(std::string_view section, std::string_view node) {
  const auto without_slash = [](std::string_view name) { return name.substr(name.starts_with('/') ? 1 : 0); };
  return parts_match(parts_of(without_slash(section), '/'), parts_of(without_slash(node), '/'));
}

}  // namespace takt::app
