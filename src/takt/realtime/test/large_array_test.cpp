#include "takt/realtime/large_array.hpp"

#include <array>
#include <cstdint>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace takt::realtime {
namespace {

struct Counted {
  Counted() noexcept { ++alive; }
  ~Counted() { --alive; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  static inline int alive = 0;
  int value{7};
};

TEST(LargeArrayTest, MakesItsValuesAndEndsThem) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1} << 20U}) {
    {
      LargeArray<Counted> values(size);
      EXPECT_EQ(Counted::alive, static_cast<int>(size));
      for (std::size_t i = 0; i < size; ++i) {
        ASSERT_EQ(values[i].value, 7);
        values[i].value = static_cast<int>(i);
      }
      for (std::size_t i = 0; i < size; ++i) {
        ASSERT_EQ(values[i].value, static_cast<int>(i));
      }
    }
    EXPECT_EQ(Counted::alive, 0);
  }
}

struct alignas(128) Line {
  std::array<std::byte, 128> bytes{};
};

TEST(LargeArrayTest, IsAlignedAsItsValuesWantAndToAHugePageWhereItHasOne) {
  LargeArray<Line> small(3);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&small[0]) % alignof(Line), 0);
  LargeArray<Line> large(40'000);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&large[0]) % (std::uintptr_t{2} << 20U), 0);
}

/// A line of /proc/self/smaps of the mapping that has this address; "" none.
std::string smaps_line(const void* address, const std::string& name) {
  std::ifstream smaps("/proc/self/smaps");
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  bool inside = false;
  for (std::string line; std::getline(smaps, line);) {
    unsigned long long begin = 0;
    unsigned long long end = 0;
    if (sscanf(line.c_str(), "%llx-%llx ", &begin, &end) == 2) {
      inside = wanted >= begin && wanted < end;
    } else if (inside && line.starts_with(name)) {
      return line;
    }
  }
  return "";
}

TEST(LargeArrayTest, TheKernelIsAskedForHugePages) {
  LargeArray<Line> large(100'001);
  const std::string flags = smaps_line(&large[100'000], "VmFlags:");
  if (flags.empty()) {
    GTEST_SKIP() << "this kernel shows no flags of mappings";
  }
  EXPECT_NE((flags + " ").find(" hg "), std::string::npos) << flags;
}

}  // namespace
}  // namespace takt::realtime
