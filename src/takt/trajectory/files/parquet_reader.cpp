#include "takt/trajectory/files/parquet_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "takt/core/csv/fields.hpp"
#include "takt/core/error.hpp"
#include "takt/core/file_text.hpp"
#include "takt/trajectory/files/internal/parquet_pages.hpp"

namespace takt::trajectory::files {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 30U;
constexpr std::size_t kTailBytes = 8;  // length of the footer, magic
constexpr std::size_t kNamesShown = 20;

}  // namespace

struct ParquetReader::File {
  std::string bytes;
  std::string name;
  ParquetLimits limits;
  std::size_t footer_begin{0};
  internal::FileMetadata metadata;
  std::vector<internal::Leaf> leaves;
  std::vector<std::string> columns;  // first names of the leaves, each once

  [[noreturn]] void refuse(const std::string& what) const { throw ConfigError(name, 0, "", what); }

  void read_footer() {
    const std::string_view all(bytes);
    const std::size_t least = internal::kParquetMagic.size() + kTailBytes;
    if (all.size() < least || !all.starts_with(internal::kParquetMagic) || !all.ends_with(internal::kParquetMagic)) {
      refuse("is no Parquet file, or was not written to its end");
    }
    std::uint32_t size = 0;
    std::memcpy(&size, all.data() + all.size() - kTailBytes, sizeof size);
    if (size > all.size() - least) {
      refuse("no sound Parquet file: its footer is longer than the file");
    }
    if (size > limits.footer_bytes) {
      refuse("its footer has " + std::to_string(size) + " bytes; at most " + std::to_string(limits.footer_bytes) +
             " are read");
    }
    footer_begin = all.size() - kTailBytes - size;
    metadata = internal::read_metadata(all.substr(footer_begin, size), name);
    leaves = internal::find_leaves(metadata, name);
    for (const internal::Leaf& leaf : leaves) {
      if (columns.empty() || columns.back() != leaf.column) {
        columns.push_back(leaf.column);
      }
    }
    check_groups();
  }

  void check_groups() const {
    std::int64_t rows = 0;
    for (const internal::RowGroup& group : metadata.groups) {
      if (group.columns.size() != leaves.size()) {
        refuse("no sound Parquet file: a row group has " + std::to_string(group.columns.size()) +
               " columns, the schema " + std::to_string(leaves.size()));
      }
      if (group.rows < 0 || group.rows > metadata.rows - rows) {
        refuse("no sound Parquet file: its row groups have more rows than itself");
      }
      rows += group.rows;
    }
    if (rows != metadata.rows) {
      refuse("no sound Parquet file: its row groups have fewer rows than itself");
    }
  }

  /// The leaf of a column, which must have one only.
  [[nodiscard]] std::size_t leaf_of(std::string_view column) const {
    std::size_t found = leaves.size();
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      if (leaves[i].column == column && found != leaves.size()) {
        refuse("column " + core::csv::in_quotes(column) + " has columns of its own, which are not read here");
      }
      found = leaves[i].column == column ? i : found;
    }
    if (found == leaves.size()) {
      refuse("has no column " + core::csv::in_quotes(column) + ", but " + shown_columns());
    }
    return found;
  }

  [[nodiscard]] std::string shown_columns() const {
    std::string text;
    for (std::size_t i = 0; i < std::min(columns.size(), kNamesShown); ++i) {
      text += (i == 0 ? "" : ", ") + core::csv::in_quotes(columns[i]);
    }
    return text + (columns.size() > kNamesShown ? ", …" : "");
  }
};

ParquetReader::ParquetReader(std::string bytes, std::string name, const ParquetLimits& limits) {
  auto file = std::make_unique<File>();
  file->bytes = std::move(bytes);
  file->name = std::move(name);
  file->limits = limits;
  file->read_footer();
  file_ = std::move(file);
}

ParquetReader::~ParquetReader() = default;

std::size_t ParquetReader::rows() const noexcept {
  return static_cast<std::size_t>(file_->metadata.rows);
}

const std::vector<std::string>& ParquetReader::names() const noexcept {
  return file_->columns;
}

bool ParquetReader::has(std::string_view name) const noexcept {
  return std::ranges::find(file_->columns, name) != file_->columns.end();
}

const std::map<std::string, std::string>& ParquetReader::metadata() const noexcept {
  return file_->metadata.metadata;
}

ParquetColumn ParquetReader::read(std::string_view column) const {
  const std::size_t index = file_->leaf_of(column);
  const std::string where = file_->name + ": column " + core::csv::in_quotes(column);
  const std::string_view bytes = std::string_view(file_->bytes).substr(0, file_->footer_begin);
  internal::ChunkReader reader(bytes, file_->leaves[index], file_->limits, where);
  for (const internal::RowGroup& group : file_->metadata.groups) {
    reader.read(group.columns[index], group.rows);
  }
  return std::move(reader.column());
}

std::unique_ptr<ParquetReader> open_parquet(const std::filesystem::path& path) {
  return std::make_unique<ParquetReader>(core::read_file_text(path, kMaxFileBytes), path.string());
}

}  // namespace takt::trajectory::files
