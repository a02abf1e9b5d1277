#include "takt/trajectory/mcap/internal/crc32.hpp"

#include <array>
#include <cstring>

#include "takt/trajectory/mcap/internal/bytes.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// A CRC is the remainder of the message, read as a polynomial over GF(2), by a polynomial P of degree 32. Two ways:
//
// * Tables: table[k][b] is the remainder of the byte b followed by k zero bytes, so that 16 bytes are 16 independent
//   look-ups.
// * Folding: 16 bytes with n bits behind them have the same remainder as their two halves multiplied by x^n mod P,
//   which is 32 bits long, and added to what is n bits further on. Four lanes of 16 bytes walk through the message
//   in steps of 64; at the end they are folded into one, whose 16 bytes go through the tables. V. Gopal et al., "Fast
//   CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009. Bits are reflected here: the
//   first bit of the message is bit 0, and a product of two reflected numbers comes out one bit too low, which the
//   constants make up for.

namespace takt::trajectory::mcap::internal {
namespace {

constexpr std::uint32_t kPolynomial = 0xEDB88320;  // reflected
constexpr std::size_t kStep = 16;

using Tables = std::array<std::array<std::uint32_t, 256>, kStep>;

constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1U) ^ ((remainder & 1U) != 0 ? kPolynomial : 0U);
    }
    tables[0][byte] = remainder;
  }
  for (std::size_t zeros = 1; zeros < kStep; ++zeros) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t shorter = tables[zeros - 1][byte];
      tables[zeros][byte] = (shorter >> 8U) ^ tables[0][shorter & 0xFFU];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

// `remainder` is not inverted here.
std::uint32_t tables_update(ByteView bytes, std::uint32_t remainder) noexcept {
  while (bytes.size() >= kStep) {
    const std::uint32_t first = load<std::uint32_t>(bytes.data()) ^ remainder;
    remainder = kTables[15][first & 0xFFU] ^ kTables[14][(first >> 8U) & 0xFFU] ^ kTables[13][(first >> 16U) & 0xFFU] ^
                kTables[12][first >> 24U];
    for (std::size_t i = 4; i < kStep; ++i) {
      remainder ^= kTables[kStep - 1 - i][static_cast<std::size_t>(bytes[i])];
    }
    bytes = bytes.subspan(kStep);
  }
  for (const std::byte byte : bytes) {
    remainder = (remainder >> 8U) ^ kTables[0][(remainder ^ static_cast<std::uint32_t>(byte)) & 0xFFU];
  }
  return remainder;
}

#if defined(__x86_64__)

// x^bits mod P, reflected, one bit higher.
constexpr std::uint64_t power(int bits) {
  std::uint32_t remainder = 0x80000000;  // x^0, reflected
  for (int i = 0; i < bits; ++i) {
    remainder = (remainder >> 1U) ^ ((remainder & 1U) != 0 ? kPolynomial : 0U);
  }
  return static_cast<std::uint64_t>(remainder) << 1U;
}

// For lanes that move on by `bits`: the low half of a lane is 64 bits further from the end than the high half, and
// a product of 64 by 32 bits is to be aligned to 128.
struct Factors {
  std::uint64_t low;
  std::uint64_t high;
};
constexpr Factors factors(int bits) {
  return {power(bits + 32), power(bits - 32)};
}

constexpr std::size_t kBlock = 4 * 16;          // four lanes
constexpr std::size_t kWideBlock = 4 * kBlock;  // four times four
constexpr Factors kByLane = factors(8 * 16);
constexpr Factors kByBlock = factors(8 * kBlock);
constexpr Factors kByWideBlock = factors(8 * kWideBlock);

using Lanes = std::array<std::byte, kBlock>;

__m128i as_lane(const Factors& factors) noexcept {
  return _mm_set_epi64x(static_cast<long long>(factors.high), static_cast<long long>(factors.low));
}

__m128i load_lane(const std::byte* at) noexcept {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

__attribute__((target("pclmul"))) __m128i fold(__m128i lane, __m128i factors, __m128i next) noexcept {
  const __m128i low = _mm_clmulepi64_si128(lane, factors, 0x00);
  const __m128i high = _mm_clmulepi64_si128(lane, factors, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

// The remainder of `lanes` followed by `bytes`.
__attribute__((target("pclmul"))) std::uint32_t fold_rest(const Lanes& lanes, ByteView bytes) noexcept {
  __m128i a = load_lane(lanes.data());
  __m128i b = load_lane(lanes.data() + 16);
  __m128i c = load_lane(lanes.data() + 32);
  __m128i d = load_lane(lanes.data() + 48);
  const __m128i by_block = as_lane(kByBlock);
  for (; bytes.size() >= kBlock; bytes = bytes.subspan(kBlock)) {
    a = fold(a, by_block, load_lane(bytes.data()));
    b = fold(b, by_block, load_lane(bytes.data() + 16));
    c = fold(c, by_block, load_lane(bytes.data() + 32));
    d = fold(d, by_block, load_lane(bytes.data() + 48));
  }
  const __m128i by_lane = as_lane(kByLane);
  __m128i last = fold(fold(fold(a, by_lane, b), by_lane, c), by_lane, d);
  for (; bytes.size() >= 16; bytes = bytes.subspan(16)) {
    last = fold(last, by_lane, load_lane(bytes.data()));
  }
  std::array<std::byte, 16> folded{};
  _mm_storeu_si128(reinterpret_cast<__m128i*>(folded.data()), last);
  return tables_update(bytes, tables_update(folded, 0));
}

// @pre at least kBlock bytes.
std::uint32_t fold_narrow(ByteView bytes, std::uint32_t remainder) noexcept {
  Lanes lanes;
  std::memcpy(lanes.data(), bytes.data(), kBlock);
  store(lanes.data(), load<std::uint32_t>(lanes.data()) ^ remainder);
  return fold_rest(lanes, bytes.subspan(kBlock));
}

__attribute__((target("avx512f"))) __m512i as_lanes(const Factors& factors) noexcept {
  const auto high = static_cast<long long>(factors.high);
  const auto low = static_cast<long long>(factors.low);
  return _mm512_set4_epi64(high, low, high, low);
}

__attribute__((target("avx512f,vpclmulqdq"))) __m512i fold_wide(__m512i lanes, __m512i factors, __m512i next) noexcept {
  const __m512i low = _mm512_clmulepi64_epi128(lanes, factors, 0x00);
  const __m512i high = _mm512_clmulepi64_epi128(lanes, factors, 0x11);
  return _mm512_xor_si512(_mm512_xor_si512(low, high), next);
}

// The same four lanes at a time. @pre at least kWideBlock bytes.
__attribute__((target("avx512f,vpclmulqdq"))) std::uint32_t fold_wide(ByteView bytes,
                                                                      std::uint32_t remainder) noexcept {
  const auto at = [&bytes](std::size_t block) { return bytes.data() + block * kBlock; };
  __m512i a = _mm512_xor_si512(_mm512_loadu_si512(at(0)),
                               _mm512_zextsi128_si512(_mm_cvtsi32_si128(static_cast<int>(remainder))));
  __m512i b = _mm512_loadu_si512(at(1));
  __m512i c = _mm512_loadu_si512(at(2));
  __m512i d = _mm512_loadu_si512(at(3));
  const __m512i by_wide = as_lanes(kByWideBlock);
  for (bytes = bytes.subspan(kWideBlock); bytes.size() >= kWideBlock; bytes = bytes.subspan(kWideBlock)) {
    a = fold_wide(a, by_wide, _mm512_loadu_si512(at(0)));
    b = fold_wide(b, by_wide, _mm512_loadu_si512(at(1)));
    c = fold_wide(c, by_wide, _mm512_loadu_si512(at(2)));
    d = fold_wide(d, by_wide, _mm512_loadu_si512(at(3)));
  }
  const __m512i by_block = as_lanes(kByBlock);
  Lanes lanes;
  _mm512_storeu_si512(lanes.data(), fold_wide(fold_wide(fold_wide(a, by_block, b), by_block, c), by_block, d));
  return fold_rest(lanes, bytes);
}

const bool kFolds = __builtin_cpu_supports("pclmul");
const bool kFoldsWide = kFolds && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("vpclmulqdq");

#endif

}  // namespace

std::uint32_t crc32_by_tables(std::span<const std::byte> bytes, std::uint32_t before) noexcept {
  return ~tables_update(bytes, ~before);
}

std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t before) noexcept {
#if defined(__x86_64__)
  if (kFoldsWide && bytes.size() >= 2 * kWideBlock) {
    return ~fold_wide(bytes, ~before);
  }
  if (kFolds && bytes.size() >= 2 * kBlock) {
    return ~fold_narrow(bytes, ~before);
  }
#endif
  return crc32_by_tables(bytes, before);
}

}  // namespace takt::trajectory::mcap::internal
