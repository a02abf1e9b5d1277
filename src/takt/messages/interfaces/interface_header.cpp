#include "takt/messages/interfaces/interface_header.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "takt/messages/interfaces/internal/interface_names.hpp"

namespace takt::messages {
namespace {

constexpr std::size_t kColumns = 120;
constexpr std::array kKindFolders = {"msg", "srv", "action"};
constexpr std::array kServiceParts = {"Request", "Response"};
constexpr std::array kActionParts = {"Goal", "Result", "Feedback"};

const std::map<std::string_view, std::string_view> kCppTypes = {
    {"bool", "bool"},
    {"byte", "std::byte"},
    {"char", "std::uint8_t"},
    {"float32", "float"},
    {"float64", "double"},
    {"int8", "std::int8_t"},
    {"uint8", "std::uint8_t"},
    {"int16", "std::int16_t"},
    {"uint16", "std::uint16_t"},
    {"int32", "std::int32_t"},
    {"uint32", "std::uint32_t"},
    {"int64", "std::int64_t"},
    {"uint64", "std::uint64_t"},
    {"string", "std::string"},
};

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

/// "PointCloud2" is "point_cloud2", "TFMessage" is "tf_message".
std::string snake_case(std::string_view name) {
  std::string text;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool word_begins =
        is_upper(name[i]) && i > 0 && (!is_upper(name[i - 1]) || (i + 1 < name.size() && name[i + 1] >= 'a'));
    text += word_begins ? "_" : "";
    text += is_upper(name[i]) ? static_cast<char>(name[i] - 'A' + 'a') : name[i];
  }
  return text;
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      result += '\\';
      for (const unsigned shift : {6U, 3U, 0U}) {
        result += static_cast<char>('0' + (byte >> shift & 7U));
      }
    } else {
      result += c;
    }
  }
  return result + '"';
}

/// One value as an initialiser of `type`.
std::string literal(const InterfaceFieldType& type, const InterfaceValue& value) {
  if (type.name == "string") {
    return quoted(value);
  }
  if (type.name == "byte") {
    return "std::byte{" + value + "}";
  }
  if (type.name == "float32" || type.name == "float64") {
    const std::string limits = "std::numeric_limits<" + std::string(kCppTypes.at(type.name)) + ">::";
    if (value == "nan") {
      return limits + "quiet_NaN()";
    }
    if (value == "inf" || value == "-inf") {
      return (value == "inf" ? "" : "-") + limits + "infinity()";
    }
    return value + (type.name == "float32" ? "F" : "");
  }
  if (value == "-9223372036854775808") {
    return "-9223372036854775807 - 1";
  }
  return value + (type.name == "uint64" ? "U" : "");
}

/// Writes one header.
class HeaderWriter {
 public:
  HeaderWriter(const InterfaceFile& file, const HeaderOptions& options)
      : file_(file), options_(options), struct_name_(cpp_name(options.struct_name)) {}

  std::string run() {
    const std::string types = write_types();
    std::string text = "#pragma once\n\n";
    includes_.insert("<string_view>");
    for (const std::string& include : includes_) {
      text += "#include " + include + "\n";
    }
    text += "\n#include <boost/describe.hpp>\n\n";
    for (const std::string& include : project_includes_) {
      text += "#include " + include + "\n";
    }
    const std::string space =
        (options_.enclosing_namespace.empty() ? "" : options_.enclosing_namespace + "::") + cpp_name(file_.package);
    return text + (project_includes_.empty() ? "" : "\n") + "namespace " + space + " {\n\n" + types +
           "\n}  // namespace " + space + "\n";
  }

 private:
  std::string ros_name() const {
    return file_.package + "/" + kKindFolders[static_cast<std::size_t>(file_.kind)] + "/" + file_.name;
  }

  std::string write_types() {
    if (file_.kind == InterfaceKind::kMessage) {
      return write_struct(file_.parts[0], struct_name_, ros_name(), "") + describe(file_.parts[0], struct_name_);
    }
    std::string text = comment_lines(file_.parts[0].comments, "") + "struct " + struct_name_ +
                       " {\n  static constexpr std::string_view kRosName = " + quoted(ros_name()) + ";\n";
    std::string descriptions;
    for (std::size_t i = 0; i < file_.parts.size(); ++i) {
      const std::string name = file_.kind == InterfaceKind::kService ? kServiceParts[i] : kActionParts[i];
      InterfacePart part = file_.parts[i];
      part.comments = i == 0 ? std::vector<std::string>{} : part.comments;
      text += "\n" + write_struct(part, name, ros_name() + "_" + name, "  ");
      descriptions += describe(part, struct_name_ + "::" + name);
    }
    return text + "};\n" + descriptions;
  }

  std::string write_struct(const InterfacePart& part, const std::string& name, const std::string& ros_name,
                           const std::string& indent) {
    const std::string inner = indent + "  ";
    std::string text = comment_lines(part.comments, indent) + indent + "struct " + name + " {\n" + inner +
                       "static constexpr std::string_view kRosName = " + quoted(ros_name) + ";\n";
    for (const InterfaceConstant& constant : part.constants) {
      text += comment_lines(constant.comments, inner) + inner + "static constexpr " +
              (constant.type.name == "string" ? "std::string_view" : type_name(constant.type)) + " " +
              cpp_name(constant.name) + " = " + use(literal(constant.type, constant.value)) + ";\n";
    }
    text += part.fields.empty() ? "" : "\n";
    for (const InterfaceField& field : part.fields) {
      text += comment_lines(field.comments, inner) + inner + type_name(field.type) + " " + cpp_name(field.name) +
              initialiser(field) + ";\n";
    }
    return text + "\n" + inner + "friend bool operator==(const " + name + "&, const " + name + "&) = default;\n" +
           indent + "};\n";
  }

  /// The constants too, where the macro has room for them.
  static std::string describe(const InterfacePart& part, const std::string& name) {
    constexpr std::size_t kMost = 50;
    std::string text = "BOOST_DESCRIBE_STRUCT(" + name + ", (), (";
    std::size_t column = text.size();
    const std::string indent(column, ' ');
    const char* separator = "";
    const auto add = [&](const std::string& member) {
      text += std::exchange(separator, ", ");
      if (column + member.size() + 4 > kColumns) {
        text.back() = '\n';
        text += indent;
        column = indent.size();
      }
      text += member;
      column += member.size() + 2;
    };
    if (part.constants.size() + part.fields.size() <= kMost) {
      for (const InterfaceConstant& constant : part.constants) {
        add(cpp_name(constant.name));
      }
    }
    for (const InterfaceField& field : part.fields) {
      add(cpp_name(field.name));
    }
    return text + "))\n";
  }

  static std::string comment_lines(const std::vector<std::string>& comments, const std::string& indent) {
    std::string text;
    for (const std::string& comment : comments) {
      std::string line = indent + "///";
      line += comment.empty() ? "" : " " + comment;
      for (char& c : line) {
        c = c >= 0 && c < ' ' ? ' ' : c;
      }
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + (line.ends_with('\\') ? "." : "") + "\n";  // or the next line would belong to it
    }
    return text;
  }

  std::string type_name(const InterfaceFieldType& type) {
    std::string element = element_name(type);
    const std::string capacity = std::to_string(type.capacity);
    switch (type.repetition) {
      case Repetition::kOne:
        return element;
      case Repetition::kArray:
        includes_.insert("<array>");
        return "std::array<" + element + ", " + capacity + ">";
      case Repetition::kBounded:
        project_includes_.insert("\"takt/core/bounded_vector.hpp\"");
        return "takt::core::BoundedVector<" + element + ", " + capacity + ">";
      case Repetition::kUnbounded:
        break;
    }
    includes_.insert("<vector>");
    return "std::vector<" + element + ">";
  }

  /// Within the struct that is written, this name means it, or a part of it.
  [[nodiscard]] bool is_own_name(const std::string& name) const {
    const bool is_part = file_.kind == InterfaceKind::kService  ? std::ranges::count(kServiceParts, name) > 0
                         : file_.kind == InterfaceKind::kAction ? std::ranges::count(kActionParts, name) > 0
                                                                : false;
    return is_part || name == struct_name_;
  }

  std::string element_name(const InterfaceFieldType& type) {
    if (type.package.empty() && type.text_bound) {
      project_includes_.insert("\"takt/core/fixed_string.hpp\"");
      return "takt::core::FixedString<" + std::to_string(*type.text_bound + 1) + ">";
    }
    if (type.package.empty()) {
      const std::string name(kCppTypes.at(type.name));
      includes_.insert(name.ends_with("_t") ? "<cstdint>" : name == "std::byte" ? "<cstddef>" : "<string_view>");
      if (name == "std::string") {
        includes_.insert("<string>");
      }
      return name;
    }
    const std::string package = cpp_name(type.package);
    const std::string cpp_type = cpp_name(type.name);
    const bool shipped = options_.shipped(type.package);
    if (type.package == file_.package && !shipped) {
      project_includes_.insert(quoted(header_path(type.package, InterfaceKind::kMessage, type.name)));
      return is_own_name(cpp_type) ? package + "::" + cpp_type : cpp_type;
    }
    project_includes_.insert(shipped ? "\"takt/messages/packages/" + type.package + ".hpp\""
                                     : quoted(header_path(type.package, InterfaceKind::kMessage, type.name)));
    return (shipped ? "takt::" : "::") + package + "::" + cpp_type;
  }

  std::string initialiser(const InterfaceField& field) {
    const bool many = field.type.repetition != Repetition::kOne;
    if (!field.has_default) {
      const bool sets_itself = field.type.name == "string" || !field.type.package.empty();
      return field.type.repetition == Repetition::kArray ? "{}"
             : many || sets_itself                       ? ""
             : field.type.name == "bool"                 ? "{false}"
             : field.type.name == "float32"              ? "{0.0F}"
             : field.type.name == "float64"              ? "{0.0}"
             : field.type.name == "byte"                 ? "{}"
                                                         : "{0}";
    }
    std::string text = "{";
    const char* separator = "";
    for (const InterfaceValue& value : field.values) {
      text += std::exchange(separator, ", ") + use(literal(field.type, value));
    }
    return text + "}";
  }

  /// `text`, with what it needs included.
  std::string use(std::string text) {
    if (text.find("numeric_limits") != std::string::npos) {
      includes_.insert("<limits>");
    }
    return text;
  }

  const InterfaceFile& file_;
  const HeaderOptions& options_;
  const std::string struct_name_;
  std::set<std::string> includes_;
  std::set<std::string> project_includes_;
};

}  // namespace

std::string write_header(const InterfaceFile& file, const HeaderOptions& options) {
  return HeaderWriter(file, options).run();
}

std::string header_path(std::string_view package, InterfaceKind kind, std::string_view name) {
  return std::string(package) + "/" + kKindFolders[static_cast<std::size_t>(kind)] + "/" + snake_case(name) + ".hpp";
}

}  // namespace takt::messages
