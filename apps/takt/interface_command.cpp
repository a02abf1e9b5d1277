// What deals with the types of ROS: interface import, interface list, interface show.

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
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

/// The folders of a package have namespaces of their own in ROS; here its types share one. A service or action that is
/// called like a message beside it says what it is.
std::string struct_name(const std::string& path, const InterfaceFile& file,
                        const std::set<std::pair<std::string, std::string>>& imported_messages) {
  if (file.kind == InterfaceKind::kMessage) {
    return file.name;
  }
  const fs::path message = fs::absolute(path).parent_path().parent_path() / "msg" / (file.name + ".msg");
  if (!imported_messages.contains({file.package, file.name}) && !fs::exists(message)) {
    return file.name;
  }
  return file.name + (file.kind == InterfaceKind::kService ? "Service" : "Action");
}

int import_files(const ImportOptions& options) {
  std::vector<InterfaceFile> files;
  std::set<std::pair<std::string, std::string>> imported_messages;
  for (const std::string& path : options.files) {
    files.push_back(messages::parse_interface(read_text(path), messages::interface_source(path, options.package)));
    if (files.back().kind == InterfaceKind::kMessage) {
      imported_messages.emplace(files.back().package, files.back().name);
    }
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    const InterfaceFile& file = files[i];
    const auto shipped = [&file](std::string_view package) {
      return package != file.package && messages::is_known_package(package);
    };
    const fs::path path = fs::path(options.output) / messages::header_path(file.package, file.kind, file.name);
    write_text(path,
               messages::write_header(file, {.enclosing_namespace = "",
                                             .struct_name = struct_name(options.files[i], file, imported_messages),
                                             .shipped = shipped}));
    fmt::print("{}\n", path.string());
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
