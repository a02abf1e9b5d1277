#include "takt/messages/sha256.hpp"

#include <bit>
#include <cstring>

namespace takt::messages {
namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kLengthAt = kBlock - sizeof(std::uint64_t);

// FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
constexpr std::array<std::uint32_t, 64> kRound = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

using State = std::array<std::uint32_t, 8>;

// 5.3.3: the same of the square roots of the first 8 primes.
constexpr State kBegin = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                          0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

std::array<std::uint32_t, 64> schedule(const std::byte* block) noexcept {
  std::array<std::uint32_t, 64> words{};
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      words[i] = words[i] << 8U | std::to_integer<std::uint32_t>(block[4 * i + j]);
    }
  }
  for (std::size_t i = 16; i < 64; ++i) {
    const std::uint32_t a = words[i - 15];
    const std::uint32_t b = words[i - 2];
    const std::uint32_t small_0 = std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3U;
    const std::uint32_t small_1 = std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10U;
    words[i] = words[i - 16] + small_0 + words[i - 7] + small_1;
  }
  return words;
}

// 6.2.2, with the names of the standard.
void compress(State& state, const std::byte* block) noexcept {
  const auto words = schedule(block);
  auto [a, b, c, d, e, f, g, h] = state;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::uint32_t big_1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
    const std::uint32_t t1 = h + big_1 + ((e & f) ^ (~e & g)) + kRound[i] + words[i];
    const std::uint32_t big_0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
    const std::uint32_t t2 = big_0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  const State mixed = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < state.size(); ++i) {
    state[i] += mixed[i];
  }
}

}  // namespace

Sha256 sha256(std::span<const std::byte> bytes) noexcept {
  State state = kBegin;
  const std::uint64_t bits = 8 * std::uint64_t{bytes.size()};
  for (; bytes.size() >= kBlock; bytes = bytes.subspan(kBlock)) {
    compress(state, bytes.data());
  }
  // 5.1.1: the rest, a one, zeros, the length.
  std::array<std::byte, 2 * kBlock> last{};
  if (!bytes.empty()) {
    std::memcpy(last.data(), bytes.data(), bytes.size());
  }
  last[bytes.size()] = std::byte{0x80};
  const std::size_t length_at = bytes.size() < kLengthAt ? kLengthAt : kBlock + kLengthAt;
  for (std::size_t i = 0; i < sizeof bits; ++i) {
    last[length_at + i] = static_cast<std::byte>(bits >> (56 - 8 * i));
  }
  compress(state, last.data());
  if (length_at > kBlock) {
    compress(state, last.data() + kBlock);
  }
  Sha256 digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<std::uint8_t>(state[i / 4] >> (24 - 8 * (i % 4)));
  }
  return digest;
}

Sha256 sha256(std::string_view text) noexcept {
  return sha256(std::as_bytes(std::span(text)));
}

}  // namespace takt::messages
