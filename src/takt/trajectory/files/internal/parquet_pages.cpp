// A chunk is a sequence of pages: at most one dictionary, then data. A data page is levels of repetition (lists only),
// levels of definition (where something may be missing), and the values that are there. Version 1 packs all of it, and
// each run of levels has its length before it; version 2 has the lengths in the header and packs the values alone.

#include "takt/trajectory/files/internal/parquet_pages.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "takt/core/error.hpp"
#include "takt/trajectory/files/internal/packed.hpp"
#include "takt/trajectory/files/internal/parquet_values.hpp"

namespace takt::trajectory::files::internal {
namespace {

constexpr unsigned kMostIndexBits = 32;

bool is(std::int64_t number, auto value) {
  return number == static_cast<std::int64_t>(value);
}

std::string_view take_prefixed(std::string_view& bytes, const std::string& where) {
  std::uint32_t size = 0;
  if (bytes.size() < sizeof size) {
    throw ConfigError(where + ": a page ends before its levels");
  }
  std::memcpy(&size, bytes.data(), sizeof size);
  bytes.remove_prefix(sizeof size);
  if (size > bytes.size()) {
    throw ConfigError(where + ": a page ends before its levels");
  }
  const std::string_view taken = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return taken;
}

}  // namespace

ChunkReader::ChunkReader(std::string_view bytes, const Leaf& leaf, const ParquetLimits& limits,
                         const std::string& where)
    : bytes_(bytes), leaf_(leaf), limits_(limits), where_(where), room_(limits.page_bytes) {
  if (leaf.most_repetition > 1) {
    refuse("lists of lists are not read here");
  }
  auto values = values_of_type(leaf.type);
  if (!values) {
    refuse("values of type " + physical_name(leaf.type) + " are not read here");
  }
  column_ = {.name = leaf.column, .values = std::move(*values), .list = leaf.most_repetition == 1};
}

void ChunkReader::refuse(const std::string& what) const {
  throw ConfigError(where_ + ": " + what);
}

std::string_view ChunkReader::chunk_bytes(const ColumnChunk& chunk) const {
  std::int64_t begin = chunk.data_offset;
  if (chunk.dictionary_offset && *chunk.dictionary_offset > 0) {
    begin = std::min(begin, *chunk.dictionary_offset);
  }
  const auto size = static_cast<std::int64_t>(bytes_.size());
  if (begin < 0 || begin > size || chunk.packed_bytes < 0 || chunk.packed_bytes > size - begin) {
    refuse("its bytes lie outside the file");
  }
  return bytes_.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(chunk.packed_bytes));
}

void ChunkReader::read(const ColumnChunk& chunk, std::int64_t rows) {
  if (chunk.elsewhere) {
    refuse("its values are in another file");
  }
  if (chunk.type != leaf_.type) {
    refuse("its values are of another type than the schema says");
  }
  const std::size_t before = files::rows(column_);
  const auto read_rows = [&] { return files::rows(column_) - before; };
  dictionary_.reset();
  std::string_view rest = chunk_bytes(chunk);
  while (!rest.empty() && rows >= 0 && read_rows() <= static_cast<std::uint64_t>(rows)) {
    std::size_t head = 0;
    const PageHeader header = read_page_header(rest, where_, head);
    rest.remove_prefix(head);
    if (header.packed_bytes < 0 || static_cast<std::uint64_t>(header.packed_bytes) > rest.size() ||
        header.unpacked_bytes < 0 || static_cast<std::uint64_t>(header.unpacked_bytes) > limits_.page_bytes) {
      refuse("a page claims " + std::to_string(header.packed_bytes) + " bytes, " +
             std::to_string(header.unpacked_bytes) + " unpacked; " + std::to_string(rest.size()) + " are left");
    }
    unpacked_bytes_ += static_cast<std::size_t>(header.unpacked_bytes);
    if (unpacked_bytes_ > limits_.column_bytes) {
      refuse("its pages have more than " + std::to_string(limits_.column_bytes) + " bytes, unpacked");
    }
    const std::string_view packed = rest.substr(0, static_cast<std::size_t>(header.packed_bytes));
    rest.remove_prefix(packed.size());
    if (is(header.type, PageType::kDictionary)) {
      read_dictionary(header, packed, chunk.codec);
    } else if (is(header.type, PageType::kData)) {
      read_page(header, packed, chunk.codec);
    } else if (is(header.type, PageType::kDataV2)) {
      read_page_v2(header, packed, chunk.codec);
    }
  }
  if (rows < 0 || read_rows() != static_cast<std::uint64_t>(rows)) {
    refuse("it has " + std::to_string(read_rows()) + " rows where the file says " + std::to_string(rows));
  }
}

std::string ChunkReader::unpack(std::string_view packed, std::int64_t codec, std::size_t unpacked_bytes) const {
  if (is(codec, Codec::kNone)) {
    return std::string(packed);
  }
  if (is(codec, Codec::kSnappy)) {
    return unpack_snappy(packed, unpacked_bytes, where_);
  }
  if (is(codec, Codec::kZstd)) {
    return unpack_zstd(packed, unpacked_bytes, where_);
  }
  refuse("compression " + codec_name(codec) + " is not read here, but UNCOMPRESSED, SNAPPY and ZSTD");
}

std::size_t ChunkReader::count_of(const PageHeader& header) const {
  if (header.values < 0 || static_cast<std::uint64_t>(header.values) >
                               limits_.values - std::max(size(column_.values), files::rows(column_))) {
    refuse("a page claims " + std::to_string(header.values) + " values; at most " + std::to_string(limits_.values) +
           " of a column are read");
  }
  return static_cast<std::size_t>(header.values);
}

void ChunkReader::read_dictionary(const PageHeader& header, std::string_view packed, std::int64_t codec) {
  if (!is(header.encoding, Encoding::kPlain) && !is(header.encoding, Encoding::kPlainDictionary)) {
    refuse("encoding " + encoding_name(header.encoding) + " of a dictionary is not read here");
  }
  dictionary_ = values_of_type(leaf_.type);
  const std::string bytes = unpack(packed, codec, static_cast<std::size_t>(header.unpacked_bytes));
  TextRoom room(limits_.page_bytes);
  append_plain(*dictionary_, leaf_.type, bytes, count_of(header), room, where_);
}

void ChunkReader::read_page(const PageHeader& header, std::string_view packed, std::int64_t codec) {
  const std::size_t count = count_of(header);
  const std::string bytes = unpack(packed, codec, static_cast<std::size_t>(header.unpacked_bytes));
  std::string_view rest(bytes);
  const auto repetition = take_levels(rest, leaf_.most_repetition, count);
  const auto definition = take_levels(rest, leaf_.most_definition, count);
  append(repetition, definition, rest, header.encoding);
}

void ChunkReader::read_page_v2(const PageHeader& header, std::string_view packed, std::int64_t codec) {
  const std::size_t count = count_of(header);
  const auto size = static_cast<std::int64_t>(packed.size());
  if (header.repetition_bytes < 0 || header.repetition_bytes > size || header.definition_bytes < 0 ||
      header.definition_bytes > size - header.repetition_bytes) {
    refuse("a page ends before its levels");
  }
  const auto first = static_cast<std::size_t>(header.repetition_bytes);
  const auto second = static_cast<std::size_t>(header.definition_bytes);
  const unsigned repetition_bits = std::bit_width(leaf_.most_repetition);
  const unsigned definition_bits = std::bit_width(leaf_.most_definition);
  const auto repetition = unpack_runs(packed.substr(0, first), repetition_bits, count, where_);
  const auto definition = unpack_runs(packed.substr(first, second), definition_bits, count, where_);
  const std::string_view values = packed.substr(first + second);
  if (static_cast<std::uint64_t>(header.unpacked_bytes) < first + second) {
    refuse("a page is shorter than its levels");
  }
  const std::size_t unpacked = static_cast<std::size_t>(header.unpacked_bytes) - first - second;
  const bool none = !header.packed || values.empty();
  const std::string bytes = none ? std::string(values) : unpack(values, codec, unpacked);
  append(repetition, definition, bytes, header.encoding);
}

std::vector<std::uint32_t> ChunkReader::take_levels(std::string_view& bytes, unsigned most, std::size_t count) const {
  if (most == 0) {
    return std::vector<std::uint32_t>(count);
  }
  return unpack_runs(take_prefixed(bytes, where_), std::bit_width(most), count, where_);
}

std::size_t ChunkReader::assemble(std::span<const std::uint32_t> repetition,
                                  std::span<const std::uint32_t> definition) {
  const std::size_t begin = size(column_.values);
  std::size_t values = 0;
  for (std::size_t i = 0; i < definition.size(); ++i) {
    const bool there = definition[i] == leaf_.most_definition;
    if (!there && (!column_.list || definition[i] >= leaf_.list_definition)) {
      refuse("a value is missing in row " + std::to_string(column_.list ? files::rows(column_) : begin + values));
    }
    if (column_.list) {
      if (repetition[i] == 0) {
        column_.ends.push_back(begin + values);
      } else if (column_.ends.empty() || !there) {
        refuse("a list goes on that did not begin");
      }
      column_.ends.back() += there ? 1 : 0;
    }
    values += there ? 1 : 0;
  }
  return values;
}

void ChunkReader::append(std::span<const std::uint32_t> repetition, std::span<const std::uint32_t> definition,
                         std::string_view values, std::int64_t encoding) {
  append_values(values, encoding, assemble(repetition, definition));
}

void ChunkReader::append_values(std::string_view bytes, std::int64_t encoding, std::size_t count) {
  if (is(encoding, Encoding::kPlain)) {
    append_plain(column_.values, leaf_.type, bytes, count, room_, where_);
    return;
  }
  if (is(encoding, Encoding::kRle) && is(leaf_.type, Physical::kBoolean)) {
    const auto truths = unpack_runs(take_prefixed(bytes, where_), 1, count, where_);
    auto& integers = std::get<std::vector<std::int64_t>>(column_.values);
    integers.insert(integers.end(), truths.begin(), truths.end());
    return;
  }
  if (!is(encoding, Encoding::kRleDictionary) && !is(encoding, Encoding::kPlainDictionary)) {
    refuse("encoding " + encoding_name(encoding) + " is not read here, but PLAIN and RLE_DICTIONARY");
  }
  if (count == 0) {
    return;
  }
  if (!dictionary_ || bytes.empty() || static_cast<unsigned char>(bytes.front()) > kMostIndexBits) {
    refuse("a page refers to a dictionary that is not there");
  }
  const auto bits = static_cast<unsigned>(static_cast<unsigned char>(bytes.front()));
  const auto indices = unpack_runs(bytes.substr(1), bits, count, where_);
  append_indexed(column_.values, *dictionary_, indices, room_, where_);
}

}  // namespace takt::trajectory::files::internal
