#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace takt::trajectory::mcap::internal {

static_assert(std::endian::native == std::endian::little, "numbers are copied as the file has them: little endian");

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

/// A number at `at`, which must have so many bytes.
template <class T>
[[nodiscard]] T load(const std::byte* at) noexcept {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <class T>
void store(std::byte* at, T value) noexcept {
  static_assert(std::is_trivially_copyable_v<T>);
  std::memcpy(at, &value, sizeof value);
}

template <class T>
void append(Bytes& bytes, T value) {
  const std::size_t at = bytes.size();
  bytes.resize(at + sizeof value);
  store(bytes.data() + at, value);
}

inline void append_bytes(Bytes& bytes, ByteView more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

/// u32 length and the text. @pre shorter than 4 GiB.
inline void append_text(Bytes& bytes, std::string_view text) {
  append(bytes, static_cast<std::uint32_t>(text.size()));
  append_bytes(bytes, std::as_bytes(std::span(text)));
}

/// Takes numbers and texts off the front of foreign bytes. What does not fit gives 0 or nothing, and from then on
/// everything does; ok() tells.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) noexcept : rest_(bytes) {}

  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] ByteView rest() const noexcept { return rest_; }
  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }

  template <class T>
  [[nodiscard]] T number() noexcept {
    const ByteView bytes = take(sizeof(T));
    return ok_ ? load<T>(bytes.data()) : T{};
  }

  [[nodiscard]] ByteView take(std::uint64_t size) noexcept {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const ByteView taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

  /// Behind a u32 length.
  [[nodiscard]] ByteView block() noexcept { return take(number<std::uint32_t>()); }
  [[nodiscard]] std::string_view text() noexcept {
    const ByteView bytes = block();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

 private:
  ByteView rest_;
  bool ok_{true};
};

}  // namespace takt::trajectory::mcap::internal
