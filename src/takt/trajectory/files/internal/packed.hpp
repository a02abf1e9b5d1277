#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace takt::trajectory::files::internal {

/// Unpacks `count` small numbers of `bits` bits, 0 … 32, from the hybrid of run lengths and packed bits, in which
/// levels and dictionary indices are written; bytes behind the last one are left alone.
/// @throws ConfigError naming `where` when the bytes end before.
[[nodiscard]] std::vector<std::uint32_t> unpack_runs(std::string_view bytes, unsigned bits, std::size_t count,
                                                     const std::string& where);

/// What snappy packed. @throws ConfigError naming `where` when it is not exactly `unpacked_bytes` or makes no sense.
[[nodiscard]] std::string unpack_snappy(std::string_view packed, std::size_t unpacked_bytes, const std::string& where);

/// What zstd packed. @throws ConfigError as above.
[[nodiscard]] std::string unpack_zstd(std::string_view packed, std::size_t unpacked_bytes, const std::string& where);

}  // namespace takt::trajectory::files::internal
