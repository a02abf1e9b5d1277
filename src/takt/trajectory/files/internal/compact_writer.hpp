#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace takt::trajectory::files::internal {

/// Types on the wire of Thrift's compact protocol, in which Parquet's headers are written.
enum class Wire : std::uint8_t {
  kStop = 0,
  kTrue = 1,
  kFalse = 2,
  kByte = 3,
  kInt16 = 4,
  kInt32 = 5,
  kInt64 = 6,
  kDouble = 7,
  kBinary = 8,
  kList = 9,
  kSet = 10,
  kMap = 11,
  kStruct = 12
};

/// Writes one struct; structs inside are CompactWriters of their own. Fields by rising id.
class CompactWriter {
 public:
  CompactWriter& integer(int id, std::int32_t value) { return whole(id, Wire::kInt32, value); }
  CompactWriter& long_integer(int id, std::int64_t value) { return whole(id, Wire::kInt64, value); }

  CompactWriter& text(int id, std::string_view value) {
    field(id, Wire::kBinary);
    raw_text(value);
    return *this;
  }

  /// A struct or what `list` made: ended by `bytes()`.
  CompactWriter& structure(int id, CompactWriter inner) {
    field(id, Wire::kStruct);
    bytes_ += std::move(inner).bytes();
    return *this;
  }

  /// The elements follow by `element…`, `size` of them.
  CompactWriter& list(int id, Wire type, std::size_t size) {
    field(id, Wire::kList);
    if (size < 15) {
      byte(static_cast<std::uint8_t>(size << 4U | static_cast<unsigned>(type)));
    } else {
      byte(static_cast<std::uint8_t>(0xF0U | static_cast<unsigned>(type)));
      varint(size);
    }
    return *this;
  }
  CompactWriter& element(std::int32_t value) {
    varint(zigzag(value));
    return *this;
  }
  CompactWriter& element(std::string_view value) {
    raw_text(value);
    return *this;
  }
  CompactWriter& element(CompactWriter inner) {
    bytes_ += std::move(inner).bytes();
    return *this;
  }

  /// The struct, ended.
  [[nodiscard]] std::string bytes() && {
    byte(0);
    return std::move(bytes_);
  }

 private:
  static std::uint64_t zigzag(std::int64_t value) {
    return static_cast<std::uint64_t>(value) << 1U ^ static_cast<std::uint64_t>(value >> 63);
  }

  CompactWriter& whole(int id, Wire type, std::int64_t value) {
    field(id, type);
    varint(zigzag(value));
    return *this;
  }

  void field(int id, Wire type) {
    byte(static_cast<std::uint8_t>(static_cast<unsigned>(id - last_) << 4U | static_cast<unsigned>(type)));
    last_ = id;
  }

  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) {
      byte(static_cast<std::uint8_t>(value | 0x80U));
    }
    byte(static_cast<std::uint8_t>(value));
  }

  void raw_text(std::string_view value) {
    varint(value.size());
    bytes_ += value;
  }

  void byte(std::uint8_t value) { bytes_ += static_cast<char>(value); }

  std::string bytes_;
  int last_{0};
};

}  // namespace takt::trajectory::files::internal
