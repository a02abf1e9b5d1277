#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace takt::messages {

using Sha256 = std::array<std::uint8_t, 32>;

/// The SHA-256 of `bytes` (FIPS 180-4). For type hashes: small inputs, once per type; nothing here hides its timing.
[[nodiscard]] Sha256 sha256(std::span<const std::byte> bytes) noexcept;
[[nodiscard]] Sha256 sha256(std::string_view text) noexcept;

}  // namespace takt::messages
