// What deals with the types of ROS: interface import, interface list, interface show.

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/messages/interfaces/interface_file.hpp"
#include "takt/messages/interfaces/interface_header.hpp"
#include "takt/messages/interfaces/known_types.hpp"
#include "takt/messages/json.hpp"

#include "commands.hpp"

namespace takt::app {
namespace {

namespace fs = std::filesystem;
using messages::InterfaceFile;
using messages::InterfaceKind;
using messages::KnownType;

struct ImportOptions {
  std::vector<std::string> files;
  std::optional<std::string> package;
  std::string output{"."};
};

struct ShowOptions {
  std::string name;
  bool json{false};
};

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) {
    throw ConfigError(path, 0, "", "cannot be read");
  }
  return text;
}

void write_text(const fs::path& path, const std::string& text) {
  std::error_code failed;
  fs::create_directories(path.parent_path(), failed);
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) {
    throw SystemError("cannot write " + path.string(), errno);
  }
}

/// A file to import, and what becomes of it.
struct Import {
  std::string path;
  InterfaceFile file;
  std::string struct_name;
  fs::path header;
};

/// Whether the package of `import` has such a type too: imported now, or lying beside it.
bool has_namesake(const std::vector<Import>& imports, const Import& import, InterfaceKind kind, const char* folder) {
  const fs::path beside =
      fs::absolute(import.path).parent_path().parent_path() / folder / (import.file.name + "." + folder);
  return fs::exists(beside) || std::ranges::any_of(imports, [&](const Import& other) {
           return other.file.kind == kind && other.file.package == import.file.package &&
                  other.file.name == import.file.name;
         });
}

/// The folders of a package have namespaces of their own in ROS; here its types share one. A service that is called
/// like a message, and an action that is called like either, says what it is.
std::string struct_name(const std::vector<Import>& imports, const Import& import) {
  const InterfaceFile& file = import.file;
  const bool like_message = has_namesake(imports, import, InterfaceKind::kMessage, "msg");
  const bool like_service = has_namesake(imports, import, InterfaceKind::kService, "srv");
  if (file.kind == InterfaceKind::kService) {
    return file.name + (like_message ? "Service" : "");
  }
  return file.name + (file.kind == InterfaceKind::kAction && (like_message || like_service) ? "Action" : "");
}

/// @throws ConfigError when two files want the same struct or the same header
void require_distinct(const std::vector<Import>& imports) {
  std::map<std::string, std::string> taken;  // to the file that has it
  const auto take = [&](const Import& import, const std::string& what) {
    const auto [other, is_new] = taken.emplace(what, import.path);
    if (!is_new) {
      throw ConfigError(import.path, 1, "", "would become " + what + ", as " + other->second + " does");
    }
  };
  for (const Import& import : imports) {
    take(import, "the header " + import.header.string());
    take(import, "the struct " + import.file.package + "::" + import.struct_name);
  }
}

std::vector<Import> plan_imports(const ImportOptions& options) {
  std::vector<Import> imports;
  for (const std::string& path : options.files) {
    InterfaceFile file = messages::parse_interface(read_text(path), messages::interface_source(path, options.package));
    fs::path header = fs::path(options.output) / messages::header_path(file.package, file.kind, file.name);
    imports.push_back({.path = path, .file = std::move(file), .struct_name = {}, .header = std::move(header)});
  }
  for (Import& import : imports) {
    import.struct_name = struct_name(imports, import);
  }
  require_distinct(imports);
  return imports;
}

int import_files(const ImportOptions& options) {
  for (const Import& import : plan_imports(options)) {
    const auto shipped = [&](std::string_view package) {
      return package != import.file.package && messages::is_known_package(package);
    };
    write_text(import.header,
               messages::write_header(
                   import.file, {.enclosing_namespace = "", .struct_name = import.struct_name, .shipped = shipped}));
    fmt::print("{}\n", import.header.string());
  }
  return 0;
}

int show(const ShowOptions& options) {
  const KnownType* type = messages::find_known_type(options.name);
  if (type == nullptr) {
    throw ConfigError("NAME", 0, "", "'" + options.name + "' is no type that takt ships; takt interface list has them");
  }
  if (options.json) {
    const messages::RosType& ros = type->type();
    fmt::print(R"({{"name":"{}","hash":"{}","description":{}}})"
               "\n",
               ros.name, messages::rihs01_text(ros.hash), messages::to_json(ros.description));
  } else {
    fmt::print("{}", messages::interface_text(*type));
  }
  return 0;
}

/// Without what ROS derives of services and actions.
int list() {
  for (const KnownType& type : messages::known_types()) {
    if (type.name.find('_', type.name.rfind('/')) == std::string_view::npos) {
      fmt::print("{}\n", type.name);
    }
  }
  return 0;
}

}  // namespace

Command add_interface_import(CLI::App& app) {
  const auto options = std::make_shared<ImportOptions>();
  app.add_option("FILE", options->files, ".msg, .srv or .action files")->required();
  app.add_option("--package", options->package, "the ROS package; default: the folder above the file's");
  app.add_option("--output", options->output, "folder of the headers; default: here")->type_name("DIR");
  return [options] { return import_files(*options); };
}

Command add_interface_show(CLI::App& app) {
  const auto options = std::make_shared<ShowOptions>();
  app.add_option("NAME", options->name, "std_msgs/msg/String")->required();
  app.add_flag("--json", options->json, "the type description and its RIHS01 hash");
  return [options] { return show(*options); };
}

Command add_interface_list(CLI::App& /*app*/) {
  return list;
}

}  // namespace takt::app
