#include "takt/transports/dds/internal/user_data.hpp"

#include <charconv>
#include <system_error>

namespace takt::dds {
namespace {

constexpr std::string_view kTypeHash = "typehash";
constexpr std::string_view kRihs01 = "RIHS01_";
constexpr std::string_view kHexDigits = "0123456789abcdef";

}  // namespace

std::optional<std::string> user_data_value(std::string_view data, std::string_view key) {
  while (!data.empty()) {
    const std::size_t end = data.find(';');
    const std::string_view entry = data.substr(0, end);
    const std::size_t equals = entry.find('=');
    if (equals != std::string_view::npos && entry.substr(0, equals) == key) {
      return std::string(entry.substr(equals + 1));
    }
    data.remove_prefix(end == std::string_view::npos ? data.size() : end + 1);
  }
  return std::nullopt;
}

std::string type_hash_entry(const TypeHash& hash) {
  if (hash == TypeHash{}) {
    return {};
  }
  std::string text = std::string(kTypeHash) + "=" + std::string(kRihs01);
  for (const std::uint8_t byte : hash) {
    text += kHexDigits[byte >> 4U];
    text += kHexDigits[byte & 0xfU];
  }
  return text + ";";
}

TypeHash type_hash_in(std::string_view data) {
  const std::string text = user_data_value(data, kTypeHash).value_or("");
  TypeHash hash{};
  if (!text.starts_with(kRihs01) || text.size() != kRihs01.size() + 2 * hash.size()) {
    return {};
  }
  const char* digits = text.data() + kRihs01.size();
  for (std::uint8_t& byte : hash) {
    const auto [end, error] = std::from_chars(digits, digits + 2, byte, 16);
    if (error != std::errc{} || end != digits + 2) {
      return {};
    }
    digits += 2;
  }
  return hash;
}

std::string service_id_text(const Guid& id) {
  std::string text;
  for (const std::uint8_t byte : id) {
    std::array<char, 2> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    const std::string part(digits.data(), written.ptr);
    if (text.empty()) {
      text = part.size() < 2 ? " " + part : part;
    } else {
      text += "." + part;
    }
  }
  return text;
}

}  // namespace takt::dds
