#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The headers of Parquet that are read here: https://github.com/apache/parquet-format, src/main/thrift/parquet.thrift.
namespace takt::trajectory::files::internal {

inline constexpr std::string_view kParquetMagic = "PAR1";

enum class Physical : std::uint8_t {
  kBoolean = 0,
  kInt32 = 1,
  kInt64 = 2,
  kInt96 = 3,
  kFloat = 4,
  kDouble = 5,
  kByteArray = 6,
  kFixedByteArray = 7
};
enum class Repetition : std::uint8_t { kRequired = 0, kOptional = 1, kRepeated = 2 };
enum class Encoding : std::uint8_t { kPlain = 0, kPlainDictionary = 2, kRle = 3, kRleDictionary = 8 };
enum class Codec : std::uint8_t { kNone = 0, kSnappy = 1, kZstd = 6 };
enum class PageType : std::uint8_t { kData = 0, kIndex = 1, kDictionary = 2, kDataV2 = 3 };
inline constexpr std::int32_t kConvertedUtf8 = 0;
inline constexpr std::int32_t kConvertedList = 3;

/// "GZIP (2)": the name of a number that the format gives a meaning, or "unknown (99)".
[[nodiscard]] std::string codec_name(std::int64_t number);
[[nodiscard]] std::string encoding_name(std::int64_t number);
[[nodiscard]] std::string physical_name(std::int64_t number);

struct SchemaElement {
  std::optional<std::int64_t> type;  ///< of a leaf
  std::int64_t repetition{0};
  std::string name;
  std::int64_t children{0};
};

struct ColumnChunk {
  bool elsewhere{false};  ///< in another file
  std::int64_t type{-1};
  std::int64_t codec{-1};
  std::vector<std::string> path;
  std::int64_t values{0};
  std::int64_t packed_bytes{0};
  std::int64_t data_offset{0};
  std::optional<std::int64_t> dictionary_offset;
};

struct RowGroup {
  std::vector<ColumnChunk> columns;
  std::int64_t rows{0};
};

struct FileMetadata {
  std::vector<SchemaElement> schema;  ///< depth first, the root first
  std::int64_t rows{0};
  std::vector<RowGroup> groups;
  std::map<std::string, std::string> metadata;
};

struct PageHeader {
  std::int64_t type{-1};
  std::int64_t unpacked_bytes{-1};
  std::int64_t packed_bytes{-1};
  std::int64_t values{-1};
  std::int64_t encoding{-1};
  std::int64_t definition_bytes{0};  ///< version 2
  std::int64_t repetition_bytes{0};  ///< version 2
  bool packed{true};                 ///< version 2
};

/// @throws ConfigError naming `name`.
[[nodiscard]] FileMetadata read_metadata(std::string_view bytes, const std::string& name);

/// The page header that `bytes` begin with; `size` becomes its length.
/// @throws ConfigError naming `name`.
[[nodiscard]] PageHeader read_page_header(std::string_view bytes, const std::string& name, std::size_t& size);

}  // namespace takt::trajectory::files::internal
