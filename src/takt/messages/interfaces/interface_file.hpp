#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The files in which ROS 2 packages declare what they send: .msg, .srv and .action, as a tree.
///
/// The grammar is that of the ROS 2 interface definition (https://docs.ros.org, "Interfaces"): one `type name
/// [default]` or `type NAME=value` per line, `#` begins a comment, `---` parts the messages of a service or action.
namespace takt::messages {

enum class InterfaceKind : std::uint8_t { kMessage, kService, kAction };

/// Of how many elements a field consists.
enum class Repetition : std::uint8_t {
  kOne,
  kArray,      ///< T[n]
  kBounded,    ///< T[<=n]
  kUnbounded,  ///< T[]
};

struct InterfaceFieldType {
  std::string package;  ///< empty for what is no message
  std::string name;     ///< "float64", "string", "Header"
  std::optional<std::size_t> text_bound;
  Repetition repetition{Repetition::kOne};
  std::size_t capacity{0};  ///< of an array or bounded sequence

  friend bool operator==(const InterfaceFieldType&, const InterfaceFieldType&) = default;
};

/// A value in the file: integers in decimal, floats as C++ has them, "true" or "false", texts without quotes.
using InterfaceValue = std::string;

struct InterfaceField {
  InterfaceFieldType type;
  std::string name;
  std::vector<InterfaceValue> values;  ///< the default: one, or the elements
  bool has_default{false};
  std::vector<std::string> comments;  ///< lines without '#'
};

struct InterfaceConstant {
  InterfaceFieldType type;
  std::string name;
  InterfaceValue value;
  std::vector<std::string> comments;
};

/// One message of the file.
struct InterfacePart {
  std::vector<std::string> comments;  ///< those at its begin that stand by themselves
  std::vector<InterfaceConstant> constants;
  std::vector<InterfaceField> fields;
};

struct InterfaceFile {
  std::string package;
  std::string name;
  InterfaceKind kind{InterfaceKind::kMessage};
  std::vector<InterfacePart> parts;  ///< 1 of a message, 2 of a service, 3 of an action
};

/// Where the text comes from, and what it is called.
struct InterfaceSource {
  std::string file;     ///< for messages of errors
  std::string package;  ///< also of types that are named without one
  std::string name;     ///< "JointState"
  InterfaceKind kind{InterfaceKind::kMessage};
};

/// What "…/my_pkg/msg/Foo.msg" declares. `package`, when given, instead of the folder's.
/// @throws ConfigError when the end of the name is none of the three, or a name is not one of ROS.
[[nodiscard]] InterfaceSource interface_source(const std::string& path, const std::optional<std::string>& package);

/// @throws ConfigError that names file, line and field.
[[nodiscard]] InterfaceFile parse_interface(std::string_view text, const InterfaceSource& source);

}  // namespace takt::messages
