#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace takt::trajectory::mcap::internal {

/// CRC-32 as in zip, Ethernet and MCAP (polynomial 04C11DB7 reflected, start and end inverted; of "123456789" it is
/// CBF43926). @param before what the bytes before these came to; 0 for none. Real-time safe.
[[nodiscard]] std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t before = 0) noexcept;

/// The same by tables alone, for processors without a carry-less multiplication, and to compare with.
[[nodiscard]] std::uint32_t crc32_by_tables(std::span<const std::byte> bytes, std::uint32_t before = 0) noexcept;

}  // namespace takt::trajectory::mcap::internal
