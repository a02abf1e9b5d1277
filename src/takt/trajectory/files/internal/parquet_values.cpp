#include "takt/trajectory/files/internal/parquet_values.hpp"

#include <bit>
#include <cstring>
#include <type_traits>

#include "takt/core/error.hpp"
#include "takt/trajectory/files/internal/parquet_format.hpp"

namespace takt::trajectory::files::internal {
namespace {

static_assert(std::endian::native == std::endian::little, "values are read as they lie in memory");

[[noreturn]] void refuse_end(const std::string& where) {
  throw ConfigError(where + ": a page ends before its values");
}

/// `count` numbers stored as `Stored`.
template <class Stored, class Number>
void append_numbers(std::vector<Number>& values, std::string_view bytes, std::size_t count, const std::string& where) {
  if (count > bytes.size() / sizeof(Stored)) {
    refuse_end(where);
  }
  values.reserve(values.size() + count);
  for (std::size_t i = 0; i < count; ++i) {
    Stored value{};
    std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
    values.push_back(static_cast<Number>(value));
  }
}

void append_truths(std::vector<std::int64_t>& values, std::string_view bytes, std::size_t count,
                   const std::string& where) {
  if (count > bytes.size() * 8) {
    refuse_end(where);
  }
  for (std::size_t i = 0; i < count; ++i) {
    values.push_back(static_cast<unsigned char>(bytes[i / 8]) >> i % 8 & 1);
  }
}

void append_texts(std::vector<std::string>& values, std::string_view bytes, std::size_t count, TextRoom& room,
                  const std::string& where) {
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t size = 0;
    if (bytes.size() < sizeof size) {
      refuse_end(where);
    }
    std::memcpy(&size, bytes.data(), sizeof size);
    bytes.remove_prefix(sizeof size);
    if (size > bytes.size()) {
      refuse_end(where);
    }
    room.take(size, where);
    values.emplace_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
}

}  // namespace

void TextRoom::take(std::size_t bytes, const std::string& where) {
  if (bytes + sizeof(std::string) > left_) {
    throw ConfigError(where + ": texts of more than " + std::to_string(most_) + " bytes");
  }
  left_ -= bytes + sizeof(std::string);
}

std::optional<ParquetValues> values_of_type(std::int64_t physical) {
  switch (static_cast<Physical>(physical)) {
    case Physical::kBoolean:
    case Physical::kInt32:
    case Physical::kInt64:
      return std::vector<std::int64_t>{};
    case Physical::kFloat:
      return std::vector<float>{};
    case Physical::kDouble:
      return std::vector<double>{};
    case Physical::kByteArray:
      return std::vector<std::string>{};
    default:
      return std::nullopt;
  }
}

void append_plain(ParquetValues& values, std::int64_t physical, std::string_view bytes, std::size_t count,
                  TextRoom& room, const std::string& where) {
  switch (static_cast<Physical>(physical)) {
    case Physical::kBoolean:
      append_truths(std::get<std::vector<std::int64_t>>(values), bytes, count, where);
      break;
    case Physical::kInt32:
      append_numbers<std::int32_t>(std::get<std::vector<std::int64_t>>(values), bytes, count, where);
      break;
    case Physical::kInt64:
      append_numbers<std::int64_t>(std::get<std::vector<std::int64_t>>(values), bytes, count, where);
      break;
    case Physical::kFloat:
      append_numbers<float>(std::get<std::vector<float>>(values), bytes, count, where);
      break;
    case Physical::kDouble:
      append_numbers<double>(std::get<std::vector<double>>(values), bytes, count, where);
      break;
    default:
      append_texts(std::get<std::vector<std::string>>(values), bytes, count, room, where);
      break;
  }
}

void append_indexed(ParquetValues& values, const ParquetValues& dictionary, std::span<const std::uint32_t> indices,
                    TextRoom& room, const std::string& where) {
  std::visit(
      [&](auto& held) {
        using Held = std::remove_reference_t<decltype(held)>;
        const auto& from = std::get<Held>(dictionary);
        for (const std::uint32_t index : indices) {
          if (index >= from.size()) {
            throw ConfigError(where + ": a page refers to a value that the dictionary has not");
          }
          if constexpr (std::is_same_v<Held, std::vector<std::string>>) {
            room.take(from[index].size(), where);
          }
          held.push_back(from[index]);
        }
      },
      values);
}

}  // namespace takt::trajectory::files::internal
