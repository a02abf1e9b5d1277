#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "takt/trajectory/files/internal/compact_writer.hpp"

namespace takt::trajectory::files::internal {

/// Reads Thrift's compact protocol from bytes that may be anything. What does not fit throws ConfigError naming `name`.
/// Refers to `bytes` and `name`.
class CompactReader {
 public:
  CompactReader(std::string_view bytes, const std::string& name) : rest_(bytes), all_(bytes.size()), name_(name) {}

  struct Field {
    int id{0};
    Wire type{Wire::kStop};
  };
  struct List {
    Wire type{Wire::kStop};
    std::size_t size{0};
  };

  /// The next field of the struct that is being read; its type is kStop at the struct's end.
  /// @param last  id of the field before, 0 at the struct's beginning.
  [[nodiscard]] Field field(int last);

  [[nodiscard]] std::int64_t integer(Wire type);  ///< @pre not inside a bool of a list
  [[nodiscard]] std::string_view text(Wire type);
  [[nodiscard]] bool boolean(Wire type);
  [[nodiscard]] List list(Wire type);  ///< elements are at least a byte each, so a size that cannot be is refused
  void skip(Wire type, int depth = 0);

  /// What `type` must be for the reader to go on.
  void expect(Wire type, Wire wanted) const;

  [[nodiscard]] std::size_t consumed() const noexcept { return all_ - rest_.size(); }
  [[noreturn]] void refuse(const std::string& what) const;

 private:
  [[nodiscard]] std::uint8_t byte();
  [[nodiscard]] std::uint64_t varint();
  [[nodiscard]] std::size_t length();
  void skip_map(int depth);

  std::string_view rest_;
  std::size_t all_;
  const std::string& name_;
};

/// Calls `read(id, type)` for each field of a struct; it returns false for those it does not want, which are skipped.
template <class Read>
void read_struct(CompactReader& reader, Read read) {
  for (int last = 0;;) {
    const CompactReader::Field field = reader.field(last);
    if (field.type == Wire::kStop) {
      return;
    }
    if (!read(field.id, field.type)) {
      reader.skip(field.type);
    }
    last = field.id;
  }
}

}  // namespace takt::trajectory::files::internal
