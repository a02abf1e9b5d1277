#include "takt/trajectory/files/internal/packed.hpp"

#include <algorithm>

#include <zstd.h>

#include "takt/core/error.hpp"

namespace takt::trajectory::files::internal {
namespace {

/// Bytes that may end anywhere.
class Bytes {
 public:
  Bytes(std::string_view bytes, const std::string& where) : rest_(bytes), where_(where) {}

  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      refuse("packed data ends too early");
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  /// A whole number of `size` bytes, 0 … 4.
  std::uint32_t number(std::size_t size) {
    std::uint32_t value = 0;
    for (unsigned shift = 0; const char c : take(size)) {
      value |= static_cast<std::uint32_t>(static_cast<unsigned char>(c)) << shift;
      shift += 8;
    }
    return value;
  }

  std::uint32_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
      const std::uint32_t part = number(1);
      value |= static_cast<std::uint64_t>(part & 0x7FU) << shift;
      if (part < 0x80 && value <= UINT32_MAX) {
        return static_cast<std::uint32_t>(value);
      }
    }
    refuse("packed data has a number of more than 32 bits");
  }

  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }
  [[noreturn]] void refuse(const std::string& what) const { throw ConfigError(where_ + ": " + what); }

 private:
  std::string_view rest_;
  const std::string& where_;
};

void append_packed(std::vector<std::uint32_t>& values, std::string_view packed, unsigned bits, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t value = 0;
    for (unsigned bit = 0; bit < bits; ++bit) {
      const std::size_t position = i * bits + bit;
      const auto byte = static_cast<unsigned char>(packed[position / 8]);
      value |= (static_cast<std::uint32_t>(byte) >> position % 8 & 1U) << bit;
    }
    values.push_back(value);
  }
}

/// One copy of what was unpacked before; it may overlap itself.
void append_copy(std::string& unpacked, std::size_t distance, std::size_t length, std::size_t most,
                 const Bytes& bytes) {
  if (distance == 0 || distance > unpacked.size() || length > most - unpacked.size()) {
    bytes.refuse("snappy data refers to what is not there");
  }
  for (std::size_t i = 0; i < length; ++i) {
    unpacked += unpacked[unpacked.size() - distance];
  }
}

void append_literal(std::string& unpacked, std::uint32_t tag, std::size_t most, Bytes& bytes) {
  std::size_t length = (tag >> 2U) + std::size_t{1};
  if (length > 60) {
    length = std::size_t{bytes.number(length - 60)} + 1;
  }
  if (length > most - unpacked.size()) {
    bytes.refuse("snappy data is longer than it says");
  }
  unpacked += bytes.take(length);
}

}  // namespace

std::vector<std::uint32_t> unpack_runs(std::string_view packed, unsigned bits, std::size_t count,
                                       const std::string& where) {
  Bytes bytes(packed, where);
  std::vector<std::uint32_t> values;
  if (bits == 0) {
    values.resize(count);
    return values;
  }
  while (values.size() < count) {
    const std::uint32_t head = bytes.varint();
    const std::size_t left = count - values.size();
    if ((head & 1U) == 0) {
      const std::uint32_t value = bytes.number((bits + 7) / 8);
      if (head == 0) {
        bytes.refuse("packed data has a run of nothing");
      }
      values.insert(values.end(), std::min<std::size_t>(head >> 1U, left), value);
    } else {
      const std::size_t eights = head >> 1U;
      if (eights == 0) {
        bytes.refuse("packed data has a run of nothing");
      }
      const std::string_view run = bytes.take(eights * bits);
      append_packed(values, run, bits, std::min(eights * 8, left));
    }
  }
  return values;
}

// https://github.com/google/snappy/blob/main/format_description.txt: the unpacked length, then literals and copies,
// told apart by the lowest two bits of their first byte.
std::string unpack_snappy(std::string_view packed, std::size_t unpacked_bytes, const std::string& where) {
  Bytes bytes(packed, where);
  if (bytes.varint() != unpacked_bytes) {
    bytes.refuse("snappy data is not as long as its page says");
  }
  std::string unpacked;
  while (!bytes.empty()) {
    const std::uint32_t tag = bytes.number(1);
    switch (tag & 3U) {
      case 0:
        append_literal(unpacked, tag, unpacked_bytes, bytes);
        break;
      case 1: {
        const std::size_t distance = (tag >> 5U) << 8U | bytes.number(1);
        append_copy(unpacked, distance, (tag >> 2U & 7U) + 4, unpacked_bytes, bytes);
        break;
      }
      case 2:
        append_copy(unpacked, bytes.number(2), (tag >> 2U) + 1, unpacked_bytes, bytes);
        break;
      default:
        append_copy(unpacked, bytes.number(4), (tag >> 2U) + 1, unpacked_bytes, bytes);
        break;
    }
  }
  if (unpacked.size() != unpacked_bytes) {
    bytes.refuse("snappy data ends too early");
  }
  return unpacked;
}

std::string unpack_zstd(std::string_view packed, std::size_t unpacked_bytes, const std::string& where) {
  std::string unpacked(unpacked_bytes, '\0');
  const std::size_t size = ZSTD_decompress(unpacked.data(), unpacked.size(), packed.data(), packed.size());
  if (ZSTD_isError(size) != 0 || size != unpacked_bytes) {
    throw ConfigError(where + ": zstd data is broken or not as long as its page says");
  }
  return unpacked;
}

}  // namespace takt::trajectory::files::internal
