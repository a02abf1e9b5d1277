#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace takt::messages {

/// A text that is an argument of a template.
template <std::size_t N>
struct RosSuffix {
  std::array<char, N> text{};

  // NOLINTNEXTLINE(google-explicit-constructor): stands for the literal
  consteval RosSuffix(const char (&literal)[N]) { std::copy_n(literal, N, text.begin()); }
};

template <class T, RosSuffix kSuffix>
inline constexpr auto kRosNameBytes = [] {
  constexpr std::string_view kName = T::kRosName;
  std::array<char, kName.size() + kSuffix.text.size() - 1> bytes{};
  const auto end = std::copy(kName.begin(), kName.end(), bytes.begin());
  std::copy(kSuffix.text.begin(), kSuffix.text.end() - 1, end);
  return bytes;
}();

/// The name of what ROS derives from T: kRosNameWith<SetBool, "_Event"> is "std_srvs/srv/SetBool_Event".
template <class T, RosSuffix kSuffix>
inline constexpr std::string_view kRosNameWith{kRosNameBytes<T, kSuffix>.data(), kRosNameBytes<T, kSuffix>.size()};

}  // namespace takt::messages
