#include "takt/trajectory/files/parquet_table.hpp"

#include <array>

namespace takt::trajectory::files {

std::size_t size(const ParquetValues& values) noexcept {
  return std::visit([](const auto& held) { return held.size(); }, values);
}

const char* type_name(const ParquetValues& values) noexcept {
  constexpr std::array<const char*, 4> kNames{"int64", "float", "double", "string"};
  return kNames[values.index()];
}

}  // namespace takt::trajectory::files
