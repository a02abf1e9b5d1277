#include "takt/trajectory/files/internal/compact_reader.hpp"

#include "takt/core/error.hpp"

namespace takt::trajectory::files::internal {
namespace {

constexpr int kMaxDepth = 32;
constexpr int kMaxFieldId = 0x7FFF;

std::int64_t from_zigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1U) ^ -static_cast<std::int64_t>(value & 1U);
}

}  // namespace

void CompactReader::refuse(const std::string& what) const {
  throw ConfigError(name_, 0, "", "no sound Parquet file: " + what);
}

std::uint8_t CompactReader::byte() {
  if (rest_.empty()) {
    refuse("a header ends too early");
  }
  const auto value = static_cast<std::uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return value;
}

std::uint64_t CompactReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint64_t part = byte();
    value |= (part & 0x7FU) << shift;
    if (part < 0x80) {
      return value;
    }
  }
  refuse("a number of more than 64 bits");
}

std::size_t CompactReader::length() {
  const std::uint64_t value = varint();
  if (value > rest_.size()) {
    refuse("a header claims " + std::to_string(value) + " bytes or elements, " + std::to_string(rest_.size()) +
           " are left");
  }
  return static_cast<std::size_t>(value);
}

CompactReader::Field CompactReader::field(int last) {
  const std::uint8_t head = byte();
  const auto type = static_cast<Wire>(head & 0xFU);
  if (type == Wire::kStop) {
    return {};
  }
  if (type > Wire::kStruct) {
    refuse("a header has a field of unknown type");
  }
  const std::int64_t id = (head >> 4U) != 0 ? last + (head >> 4U) : from_zigzag(varint());
  if (id <= 0 || id > kMaxFieldId) {
    refuse("a header has a field of unknown number");
  }
  return {.id = static_cast<int>(id), .type = type};
}

void CompactReader::expect(Wire type, Wire wanted) const {
  if (type != wanted) {
    refuse("a header has a field of another type");
  }
}

std::int64_t CompactReader::integer(Wire type) {
  if (type == Wire::kByte) {
    return static_cast<std::int8_t>(byte());
  }
  if (type != Wire::kInt16 && type != Wire::kInt32 && type != Wire::kInt64) {
    refuse("a header has no number where it must");
  }
  return from_zigzag(varint());
}

std::string_view CompactReader::text(Wire type) {
  expect(type, Wire::kBinary);
  const std::size_t size = length();
  const std::string_view value = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return value;
}

bool CompactReader::boolean(Wire type) {
  if (type != Wire::kTrue && type != Wire::kFalse) {
    refuse("a header has no truth value where it must");
  }
  return type == Wire::kTrue;
}

CompactReader::List CompactReader::list(Wire type) {
  expect(type, Wire::kList);
  const std::uint8_t head = byte();
  List found{.type = static_cast<Wire>(head & 0xFU), .size = static_cast<std::size_t>(head >> 4U)};
  if (found.size == 15) {
    found.size = length();
  }
  if (found.size > rest_.size()) {
    refuse("a list is longer than its header");
  }
  return found;
}

void CompactReader::skip_map(int depth) {
  const std::size_t size = length();
  if (size == 0) {
    return;
  }
  const unsigned types = byte();
  for (std::size_t i = 0; i < size; ++i) {
    for (const unsigned type : {types >> 4U, types & 0xFU}) {
      const auto wire = static_cast<Wire>(type);
      wire == Wire::kTrue || wire == Wire::kFalse ? static_cast<void>(byte()) : skip(wire, depth + 1);
    }
  }
}

void CompactReader::skip(Wire type, int depth) {
  if (depth > kMaxDepth) {
    refuse("a header is nested too deeply");
  }
  switch (type) {
    case Wire::kTrue:
    case Wire::kFalse:
      return;
    case Wire::kByte:
    case Wire::kInt16:
    case Wire::kInt32:
    case Wire::kInt64:
      static_cast<void>(integer(type));
      return;
    case Wire::kDouble:
      for (int i = 0; i < 8; ++i) {
        static_cast<void>(byte());
      }
      return;
    case Wire::kBinary:
      static_cast<void>(text(type));
      return;
    case Wire::kSet:
    case Wire::kList: {
      const List elements = list(Wire::kList);
      for (std::size_t i = 0; i < elements.size; ++i) {
        const bool truth = elements.type == Wire::kTrue || elements.type == Wire::kFalse;
        truth ? static_cast<void>(byte()) : skip(elements.type, depth + 1);
      }
      return;
    }
    case Wire::kMap:
      skip_map(depth);
      return;
    case Wire::kStruct:
      for (Field inner = field(0); inner.type != Wire::kStop; inner = field(inner.id)) {
        skip(inner.type, depth + 1);
      }
      return;
    case Wire::kStop:
      break;
  }
  refuse("a header has a field of unknown type");
}

}  // namespace takt::trajectory::files::internal
