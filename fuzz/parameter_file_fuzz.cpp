// Any bytes are either parameters that can be written and read back, or refused by a ConfigError that names the file.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "takt/core/error.hpp"

#include "ros/parameter_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<takt::app::FileParameter> found;
  try {
    found = takt::app::parse_parameter_file(text, "fuzz");
  } catch (const takt::ConfigError& error) {
    if (!std::string_view(error.what()).starts_with("fuzz:")) {
      std::abort();
    }
  }
  for (const takt::app::FileParameter& one : found) {
    const std::string written = takt::app::parameter_file_text("/node", {one.parameter});
    const auto again = takt::app::parse_parameter_file(written, "written");
    if (again.size() != 1 || again[0].parameter.name.size() > one.parameter.name.size() * 3) {
      std::abort();
    }
    static_cast<void>(takt::app::is_for_node(one.node, "/a/b"));
  }
  return 0;
}
