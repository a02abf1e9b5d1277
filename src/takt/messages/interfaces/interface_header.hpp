#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "takt/messages/interfaces/interface_file.hpp"

/// From an interface file to the C++ header that declares the same types as described structs.
namespace takt::messages {

struct HeaderOptions {
  /// Around the namespace of the package; empty for a user's own.
  std::string enclosing_namespace;
  /// What the struct of a message, service or action is called.
  std::string struct_name;
  /// Whether takt ships this package's declarations, so that they are included from there.
  std::function<bool(std::string_view package)> shipped;
};

/// The header: self-contained, with defaults, constants and comments of the file. Compiles with a C++23 compiler and
/// takt's headers: a package, type, field or constant whose name C++ has taken gets a '_' behind it.
[[nodiscard]] std::string write_header(const InterfaceFile& file, const HeaderOptions& options);

/// Where the header of a type lies below the folder of headers: "my_pkg/msg/joint_state.hpp".
[[nodiscard]] std::string header_path(std::string_view package, InterfaceKind kind, std::string_view name);

}  // namespace takt::messages
