// Any text as an interface file: either a clear error, or a header that can be written.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "takt/core/error.hpp"
#include "takt/messages/interfaces/interface_file.hpp"
#include "takt/messages/interfaces/interface_header.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace takt::messages;  // NOLINT(google-build-using-namespace)
  if (size == 0) {
    return 0;
  }
  const InterfaceSource source{
      .file = "Foo.x", .package = "my_pkg", .name = "Foo", .kind = static_cast<InterfaceKind>(data[0] % 3)};
  try {
    const auto file = parse_interface({reinterpret_cast<const char*>(data) + 1, size - 1}, source);
    const auto header = write_header(
        file, {.enclosing_namespace = "", .struct_name = "Foo", .shipped = [](std::string_view) { return false; }});
    if (header.find("BOOST_DESCRIBE_STRUCT") == std::string::npos) {
      std::abort();
    }
  } catch (const takt::ConfigError& error) {
    if (std::string_view(error.what()).empty()) {
      std::abort();
    }
  }
  return 0;
}
