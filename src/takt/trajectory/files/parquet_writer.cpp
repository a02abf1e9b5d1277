// A file: "PAR1", row groups, footer, length of the footer (4 bytes), "PAR1". A row group holds one chunk per column, a
// chunk pages of at most kRowsPerPage rows, a page its header, levels of repetition (lists only) and definition, and
// the values.

#include "takt/trajectory/files/parquet_writer.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/files/internal/compact_writer.hpp"
#include "takt/trajectory/files/internal/parquet_format.hpp"

namespace takt::trajectory::files {
namespace {

using internal::CompactWriter;
using internal::Wire;

static_assert(std::endian::native == std::endian::little, "values are written as they lie in memory");

constexpr std::size_t kRowsPerPage = 16384;
constexpr std::int32_t kListDefinition = 3;  // the list is there, has a value, and that is there

template <class E>
constexpr std::int32_t number(E value) {
  return static_cast<std::int32_t>(value);
}

std::int32_t physical_of(const ParquetValues& values) {
  constexpr std::array kTypes{internal::Physical::kInt64, internal::Physical::kFloat, internal::Physical::kDouble,
                              internal::Physical::kByteArray};
  return number(kTypes[values.index()]);
}

void append_u32(std::string& bytes, std::size_t value) {
  const auto little = static_cast<std::uint32_t>(value);
  bytes.append(reinterpret_cast<const char*>(&little), sizeof little);
}

/// Levels as the hybrid of run lengths and packed bits: one run where all are the same, else one run of packed bits.
std::string level_run(std::span<const std::uint8_t> levels, unsigned bits) {
  std::string run;
  const auto varint = [&run](std::size_t value) {
    for (; value >= 0x80; value >>= 7U) {
      run += static_cast<char>(value | 0x80U);
    }
    run += static_cast<char>(value);
  };
  if (std::ranges::all_of(levels, [&](std::uint8_t level) { return level == levels.front(); })) {
    varint(levels.size() << 1U);
    run += static_cast<char>(levels.empty() ? 0 : levels.front());
    return run;
  }
  const std::size_t eights = (levels.size() + 7) / 8;
  varint(eights << 1U | 1U);
  const std::size_t begin = run.size();
  run.resize(begin + eights * bits);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    for (unsigned bit = 0; bit < bits; ++bit) {
      const std::size_t position = i * bits + bit;
      const unsigned set = static_cast<unsigned>(levels[i]) >> bit & 1U;
      run[begin + position / 8] =
          static_cast<char>(static_cast<unsigned char>(run[begin + position / 8]) | set << position % 8);
    }
  }
  return run;
}

void append_levels(std::string& page, std::span<const std::uint8_t> levels, unsigned bits) {
  const std::string run = level_run(levels, bits);
  append_u32(page, run.size());
  page += run;
}

void append_values(std::string& page, const ParquetValues& values, std::size_t begin, std::size_t end) {
  std::visit(
      [&](const auto& held) {
        using Value = typename std::remove_cvref_t<decltype(held)>::value_type;
        if constexpr (std::is_same_v<Value, std::string>) {
          for (std::size_t i = begin; i < end; ++i) {
            append_u32(page, held[i].size());
            page += held[i];
          }
        } else {
          page.append(reinterpret_cast<const char*>(held.data() + begin), (end - begin) * sizeof(Value));
        }
      },
      values);
}

struct Page {
  std::string bytes;
  std::size_t values{0};  // levels: an empty list has one too
};

std::size_t values_before(const ParquetColumn& column, std::size_t row) {
  return !column.list ? row : row == 0 ? 0 : column.ends[row - 1];
}

Page make_page(const ParquetColumn& column, std::size_t first, std::size_t last) {
  Page page;
  std::vector<std::uint8_t> repetition;
  std::vector<std::uint8_t> definition;
  if (!column.list) {
    definition.assign(last - first, 1);
  }
  for (std::size_t row = first; column.list && row < last; ++row) {
    const std::size_t values = column.ends[row] - values_before(column, row);
    repetition.push_back(0);
    repetition.insert(repetition.end(), values == 0 ? 0 : values - 1, 1);
    definition.insert(definition.end(), std::max<std::size_t>(values, 1), values == 0 ? 1 : kListDefinition);
  }
  page.values = definition.size();
  if (column.list) {
    append_levels(page.bytes, repetition, 1);
  }
  append_levels(page.bytes, definition, column.list ? 2 : 1);
  append_values(page.bytes, column.values, values_before(column, first), values_before(column, last));
  return page;
}

void append_page(std::string& bytes, const Page& page) {
  CompactWriter data;
  data.integer(1, static_cast<std::int32_t>(page.values)).integer(2, number(internal::Encoding::kPlain));
  data.integer(3, number(internal::Encoding::kRle)).integer(4, number(internal::Encoding::kRle));
  CompactWriter header;
  const auto size = static_cast<std::int32_t>(page.bytes.size());
  header.integer(1, number(internal::PageType::kData)).integer(2, size).integer(3, size).structure(5, std::move(data));
  bytes += std::move(header).bytes();
  bytes += page.bytes;
}

/// Appends the pages of some rows of a column; gives what the footer says of them.
CompactWriter append_chunk(std::string& bytes, const ParquetColumn& column, std::size_t first, std::size_t last,
                           std::size_t& size) {
  const std::size_t begin = bytes.size();
  std::size_t values = 0;
  for (std::size_t row = first; row < last; row += kRowsPerPage) {
    const Page page = make_page(column, row, std::min(row + kRowsPerPage, last));
    append_page(bytes, page);
    values += page.values;
  }
  size = bytes.size() - begin;
  CompactWriter about;
  about.integer(1, physical_of(column.values)).list(2, Wire::kInt32, 2);
  about.element(number(internal::Encoding::kPlain)).element(number(internal::Encoding::kRle));
  about.list(3, Wire::kBinary, column.list ? 3 : 1).element(std::string_view(column.name));
  if (column.list) {
    about.element(std::string_view("list")).element(std::string_view("element"));
  }
  about.integer(4, number(internal::Codec::kNone)).long_integer(5, static_cast<std::int64_t>(values));
  about.long_integer(6, static_cast<std::int64_t>(size)).long_integer(7, static_cast<std::int64_t>(size));
  about.long_integer(9, static_cast<std::int64_t>(begin));
  CompactWriter chunk;
  chunk.long_integer(2, static_cast<std::int64_t>(begin)).structure(3, std::move(about));
  return chunk;
}

CompactWriter append_group(std::string& bytes, const ParquetTable& table, std::size_t first, std::size_t last) {
  CompactWriter group;
  group.list(1, Wire::kStruct, table.columns.size());
  std::size_t total = 0;
  for (const ParquetColumn& column : table.columns) {
    std::size_t size = 0;
    group.element(append_chunk(bytes, column, first, last, size));
    total += size;
  }
  group.long_integer(2, static_cast<std::int64_t>(total)).long_integer(3, static_cast<std::int64_t>(last - first));
  return group;
}

/// A text's leaf says so twice, for old readers and new ones.
CompactWriter leaf(const std::string& name, const ParquetValues& values) {
  CompactWriter element;
  element.integer(1, physical_of(values)).integer(3, number(internal::Repetition::kOptional)).text(4, name);
  if (std::holds_alternative<std::vector<std::string>>(values)) {
    CompactWriter logical;
    logical.structure(1, CompactWriter{});
    element.integer(6, internal::kConvertedUtf8).structure(10, std::move(logical));
  }
  return element;
}

CompactWriter list_group(const std::string& name) {
  CompactWriter logical;
  logical.structure(3, CompactWriter{});
  CompactWriter group;
  group.integer(3, number(internal::Repetition::kOptional)).text(4, name).integer(5, 1);
  group.integer(6, internal::kConvertedList).structure(10, std::move(logical));
  return group;
}

void add_schema(CompactWriter& footer, const ParquetTable& table) {
  std::size_t elements = 1;
  for (const ParquetColumn& column : table.columns) {
    elements += column.list ? 3 : 1;
  }
  footer.list(2, Wire::kStruct, elements);
  CompactWriter root;
  root.text(4, "schema").integer(5, static_cast<std::int32_t>(table.columns.size()));
  footer.element(std::move(root));
  for (const ParquetColumn& column : table.columns) {
    if (!column.list) {
      footer.element(leaf(column.name, column.values));
      continue;
    }
    CompactWriter repeated;
    repeated.integer(3, number(internal::Repetition::kRepeated)).text(4, "list").integer(5, 1);
    footer.element(list_group(column.name)).element(std::move(repeated)).element(leaf("element", column.values));
  }
}

void require(bool holds, const std::string& what) {
  if (!holds) {
    throw LogicError("write_parquet: " + what);
  }
}

void require_sound(const ParquetTable& table) {
  std::set<std::string> names;
  for (const ParquetColumn& column : table.columns) {
    require(names.insert(column.name).second, "two columns '" + column.name + "'");
    require(rows(column) == table.rows,
            fmt::format("column '{}' has {} rows, the table {}", column.name, rows(column), table.rows));
    require(std::ranges::is_sorted(column.ends) && (column.ends.empty() || column.ends.back() == size(column.values)),
            "the lists of column '" + column.name + "' do not fit its values");
  }
  require(
      std::ranges::is_sorted(table.group_ends) && (table.group_ends.empty() || table.group_ends.back() == table.rows),
      "row groups do not end with the table");
}

}  // namespace

std::string write_parquet(const ParquetTable& table) {
  require_sound(table);
  std::string bytes(internal::kParquetMagic);
  const std::vector<std::size_t> ends = table.group_ends.empty() ? std::vector{table.rows} : table.group_ends;
  CompactWriter footer;
  footer.integer(1, 1);
  add_schema(footer, table);
  footer.long_integer(3, static_cast<std::int64_t>(table.rows)).list(4, Wire::kStruct, ends.size());
  std::size_t first = 0;
  for (const std::size_t end : ends) {
    footer.element(append_group(bytes, table, first, end));
    first = end;
  }
  if (!table.metadata.empty()) {
    footer.list(5, Wire::kStruct, table.metadata.size());
    for (const auto& [key, value] : table.metadata) {
      CompactWriter pair;
      pair.text(1, key).text(2, value);
      footer.element(std::move(pair));
    }
  }
  footer.text(6, "takt");
  const std::string about = std::move(footer).bytes();
  bytes += about;
  append_u32(bytes, about.size());
  bytes += internal::kParquetMagic;
  return bytes;
}

}  // namespace takt::trajectory::files
