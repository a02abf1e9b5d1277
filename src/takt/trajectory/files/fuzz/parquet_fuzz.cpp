// Any bytes are either a Parquet file, each column of which is read, and written and read again as itself, or refused
// by a ConfigError of one line.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "takt/core/error.hpp"
#include "takt/trajectory/files/parquet_reader.hpp"
#include "takt/trajectory/files/parquet_writer.hpp"

namespace {

using takt::trajectory::files::ParquetColumn;
using takt::trajectory::files::ParquetReader;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

template <class Action>
void accept_config_error(Action action) {
  try {
    action();
  } catch (const takt::ConfigError& error) {
    require(std::string_view(error.what()).find_first_of("\r\n") == std::string_view::npos);
  }
}

constexpr takt::trajectory::files::ParquetLimits kSmall{.values = 100'000, .page_bytes = 1'000'000};

void require_sound(const ParquetColumn& column, std::size_t rows) {
  require(takt::trajectory::files::rows(column) == rows);
  if (const auto* texts = std::get_if<std::vector<std::string>>(&column.values)) {
    std::size_t bytes = 0;
    for (const std::string& text : *texts) {
      bytes += text.size();
    }
    require(bytes <= kSmall.page_bytes);
  }
  const std::string once = takt::trajectory::files::write_parquet({.rows = rows, .columns = {column}});
  const ParquetReader reader(once, "again");
  const std::string again =
      takt::trajectory::files::write_parquet({.rows = rows, .columns = {reader.read(column.name)}});
  require(once == again);  // by bytes: a NaN is not itself
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  accept_config_error([&] {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const ParquetReader reader(bytes, "fuzz", kSmall);
    std::size_t read = 0;
    for (const std::string& name : reader.names()) {
      if (++read > 20) {  // a footer may name thousands, each of which costs the same
        break;
      }
      accept_config_error([&] { require_sound(reader.read(name), reader.rows()); });
    }
  });
  return 0;
}
