#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "takt/messages/packages/rcl_interfaces/parameters.hpp"

/// Parameter files as ROS has them (docs/formats/parameter-file.md).
namespace takt::app {

struct FileParameter {
  std::string node;  ///< "/arm/controller"; may have wildcards
  rcl_interfaces::Parameter parameter;
  std::size_t line{0};
};

/// In the order of the file. @param file  its name, for errors. @throws ConfigError naming line and field
[[nodiscard]] std::vector<FileParameter> parse_parameter_file(std::string_view text, const std::string& file);

/// Whether a section is for this node: '*' stands for a part of the name, '**' for any number of parts.
[[nodiscard]] bool is_for_node(std::string_view section, std::string_view node);

/// As parse_parameter_file reads it, and ROS's tools.
[[nodiscard]] std::string parameter_file_text(const std::string& node,
                                              const std::vector<rcl_interfaces::Parameter>& parameters);

}  // namespace takt::app
