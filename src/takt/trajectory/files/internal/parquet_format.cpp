#include "takt/trajectory/files/internal/parquet_format.hpp"

#include <array>
#include <span>

#include "takt/trajectory/files/internal/compact_reader.hpp"

namespace takt::trajectory::files::internal {
namespace {

std::string named(std::span<const char* const> names, std::int64_t number) {
  const bool known = number >= 0 && static_cast<std::size_t>(number) < names.size();
  return std::string(known ? names[static_cast<std::size_t>(number)] : "unknown") + " (" + std::to_string(number) + ")";
}

// Each struct of these lists has a name, a count or an offset that it must have. Without it a footer's every byte would
// be a hundred in memory.
constexpr std::size_t kLeastStruct = 3;

/// Calls `read()` for each struct of a list.
template <class Read>
void read_structs(CompactReader& reader, Wire type, Read read) {
  const CompactReader::List list = reader.list(type);
  reader.expect(list.type, Wire::kStruct);
  for (std::size_t i = 0; i < list.size; ++i) {
    const std::size_t begin = reader.consumed();
    read();
    if (reader.consumed() - begin < kLeastStruct) {
      reader.refuse("its footer has a struct with nothing in it");
    }
  }
}

SchemaElement read_schema_element(CompactReader& reader) {
  SchemaElement element;
  read_struct(reader, [&](int id, Wire type) {
    switch (id) {
      case 1:
        element.type = reader.integer(type);
        return true;
      case 3:
        element.repetition = reader.integer(type);
        return true;
      case 4:
        element.name = reader.text(type);
        return true;
      case 5:
        element.children = reader.integer(type);
        return true;
      default:
        return false;
    }
  });
  return element;
}

void read_column_metadata(CompactReader& reader, ColumnChunk& chunk) {
  read_struct(reader, [&](int id, Wire type) {
    switch (id) {
      case 1:
        chunk.type = reader.integer(type);
        return true;
      case 3: {
        const CompactReader::List list = reader.list(type);
        for (std::size_t i = 0; i < list.size; ++i) {
          chunk.path.emplace_back(reader.text(list.type));
        }
        return true;
      }
      case 4:
        chunk.codec = reader.integer(type);
        return true;
      case 5:
        chunk.values = reader.integer(type);
        return true;
      case 7:
        chunk.packed_bytes = reader.integer(type);
        return true;
      case 9:
        chunk.data_offset = reader.integer(type);
        return true;
      case 11:
        chunk.dictionary_offset = reader.integer(type);
        return true;
      default:
        return false;
    }
  });
}

ColumnChunk read_chunk(CompactReader& reader) {
  ColumnChunk chunk;
  read_struct(reader, [&](int id, Wire type) {
    if (id == 1) {
      chunk.elsewhere = !reader.text(type).empty();
      return true;
    }
    if (id == 3) {
      reader.expect(type, Wire::kStruct);
      read_column_metadata(reader, chunk);
      return true;
    }
    return false;
  });
  return chunk;
}

RowGroup read_row_group(CompactReader& reader) {
  RowGroup group;
  read_struct(reader, [&](int id, Wire type) {
    if (id == 1) {
      read_structs(reader, type, [&] { group.columns.push_back(read_chunk(reader)); });
      return true;
    }
    if (id == 3) {
      group.rows = reader.integer(type);
      return true;
    }
    return false;
  });
  return group;
}

void read_key_value(CompactReader& reader, std::map<std::string, std::string>& metadata) {
  std::string key;
  std::string value;
  read_struct(reader, [&](int id, Wire type) {
    if (id == 1 || id == 2) {
      (id == 1 ? key : value) = reader.text(type);
      return true;
    }
    return false;
  });
  metadata[key] = value;
}

/// The headers of data pages differ: of version 1 they have no lengths of levels, of dictionaries two fields.
void read_data_header(CompactReader& reader, PageHeader& header, bool second_version) {
  read_struct(reader, [&](int id, Wire type) {
    if (id == 1) {
      header.values = reader.integer(type);
    } else if (id == (second_version ? 4 : 2)) {
      header.encoding = reader.integer(type);
    } else if (second_version && id == 5) {
      header.definition_bytes = reader.integer(type);
    } else if (second_version && id == 6) {
      header.repetition_bytes = reader.integer(type);
    } else if (second_version && id == 7) {
      header.packed = reader.boolean(type);
    } else {
      return false;
    }
    return true;
  });
}

}  // namespace

std::string codec_name(std::int64_t number) {
  constexpr std::array<const char*, 8> kNames{"UNCOMPRESSED", "SNAPPY", "GZIP", "LZO",
                                              "BROTLI",       "LZ4",    "ZSTD", "LZ4_RAW"};
  return named(kNames, number);
}

std::string encoding_name(std::int64_t number) {
  constexpr std::array<const char*, 10> kNames{"PLAIN",
                                               "unknown",
                                               "PLAIN_DICTIONARY",
                                               "RLE",
                                               "BIT_PACKED",
                                               "DELTA_BINARY_PACKED",
                                               "DELTA_LENGTH_BYTE_ARRAY",
                                               "DELTA_BYTE_ARRAY",
                                               "RLE_DICTIONARY",
                                               "BYTE_STREAM_SPLIT"};
  return named(kNames, number);
}

std::string physical_name(std::int64_t number) {
  constexpr std::array<const char*, 8> kNames{"BOOLEAN", "INT32",  "INT64",      "INT96",
                                              "FLOAT",   "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"};
  return named(kNames, number);
}

FileMetadata read_metadata(std::string_view bytes, const std::string& name) {
  CompactReader reader(bytes, name);
  FileMetadata found;
  read_struct(reader, [&](int id, Wire type) {
    switch (id) {
      case 2:
        read_structs(reader, type, [&] { found.schema.push_back(read_schema_element(reader)); });
        return true;
      case 3:
        found.rows = reader.integer(type);
        return true;
      case 4:
        read_structs(reader, type, [&] { found.groups.push_back(read_row_group(reader)); });
        return true;
      case 5:
        read_structs(reader, type, [&] { read_key_value(reader, found.metadata); });
        return true;
      default:
        return false;
    }
  });
  return found;
}

PageHeader read_page_header(std::string_view bytes, const std::string& name, std::size_t& size) {
  CompactReader reader(bytes, name);
  PageHeader header;
  read_struct(reader, [&](int id, Wire type) {
    switch (id) {
      case 1:
        header.type = reader.integer(type);
        return true;
      case 2:
        header.unpacked_bytes = reader.integer(type);
        return true;
      case 3:
        header.packed_bytes = reader.integer(type);
        return true;
      case 5:
      case 7:
      case 8:
        reader.expect(type, Wire::kStruct);
        read_data_header(reader, header, id == 8);
        return true;
      default:
        return false;
    }
  });
  size = reader.consumed();
  return header;
}

}  // namespace takt::trajectory::files::internal
