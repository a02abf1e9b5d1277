#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "takt/bus/transport.hpp"

/// What transports are made of: little-endian numbers in headers of their own.
namespace takt::bus {

/// Appends to a header.
class WireWriter {
 public:
  explicit WireWriter(std::vector<std::byte>& to) noexcept : to_(to) {}

  template <std::unsigned_integral T>
  void number(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      to_.push_back(static_cast<std::byte>((value >> (8U * i)) & 0xffU));
    }
  }
  template <std::size_t N>
  void array(const std::array<std::uint8_t, N>& value) {
    bytes(std::as_bytes(std::span(value)));
  }
  void text(std::string_view value) { bytes(std::as_bytes(std::span(value))); }
  void bytes(Bytes value) { to_.insert(to_.end(), value.begin(), value.end()); }

 private:
  std::vector<std::byte>& to_;
};

/// Reads foreign bytes. What is not there reads as zero and empty, and ok() is false from then on. Views stay valid as
/// long as the bytes do.
class WireReader {
 public:
  explicit WireReader(Bytes from) noexcept : rest_(from) {}

  template <std::unsigned_integral T>
  [[nodiscard]] T number() noexcept {
    T value = 0;
    const Bytes raw = bytes(sizeof(T));
    for (std::size_t i = 0; i < raw.size(); ++i) {
      value = static_cast<T>(value | (static_cast<T>(raw[i]) << (8U * i)));
    }
    return value;
  }
  template <std::size_t N>
  [[nodiscard]] std::array<std::uint8_t, N> array() noexcept {
    std::array<std::uint8_t, N> value{};
    const Bytes raw = bytes(N);
    if (!raw.empty()) {
      std::memcpy(value.data(), raw.data(), raw.size());
    }
    return value;
  }
  [[nodiscard]] std::string_view text(std::size_t count) noexcept {
    const Bytes raw = bytes(count);
    return {reinterpret_cast<const char*>(raw.data()), raw.size()};
  }
  [[nodiscard]] Bytes bytes(std::size_t count) noexcept {
    if (count > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const Bytes taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  [[nodiscard]] Bytes rest() const noexcept { return rest_; }
  [[nodiscard]] bool ok() const noexcept { return ok_; }

 private:
  Bytes rest_;
  bool ok_{true};
};

}  // namespace takt::bus
