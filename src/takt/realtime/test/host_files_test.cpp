#include "takt/realtime/internal/host_files.hpp"

#include <gtest/gtest.h>

#include "takt/realtime/test/host_tree.hpp"

namespace takt::realtime::internal {
namespace {

using Cpus = std::vector<int>;

TEST(HostFilesTest, ReadsListsOfCpus) {
  EXPECT_EQ(to_cpus(""), Cpus{});
  EXPECT_EQ(to_cpus("7"), Cpus{7});
  EXPECT_EQ(to_cpus("0-3,8,10-11"), (Cpus{0, 1, 2, 3, 8, 10, 11}));
  for (const char* wrong : {"a", "1-", "-1", "3-1", "0-9999", "1 2", "(null)", "1--2"}) {
    EXPECT_EQ(to_cpus(wrong), std::nullopt) << wrong;
  }
}

TEST(HostFilesTest, WritesListsOfCpusAsItReadsThem) {
  for (const char* list : {"", "7", "0-3,8,10-11", "0,2,4"}) {
    const auto cpus = to_cpus(list);
    ASSERT_TRUE(cpus);
    EXPECT_EQ(cpu_list(*cpus), list);
  }
}

TEST(HostFilesTest, ANumberIsANumberAndNothingElse) {
  EXPECT_EQ(to_number("-1"), -1);
  EXPECT_EQ(to_number("950000"), 950'000);
  for (const char* wrong : {"", " 1", "1 ", "1.5", "0x1", "99999999999999999999", "+1"}) {
    EXPECT_EQ(to_number(wrong), std::nullopt) << wrong;
  }
}

TEST(HostFilesTest, ReadsBelowItsRootOnly) {
  const HostTree tree;
  tree.write("proc/version", "made up \n\n");
  const HostFiles files(tree.root());
  EXPECT_EQ(files.text("/proc/version"), "made up");
  EXPECT_EQ(files.text("/proc/cpuinfo"), std::nullopt);
  EXPECT_EQ(files.text("/proc"), std::nullopt);
  EXPECT_EQ(files.names("/proc"), std::vector<std::string>{"version"});
  EXPECT_EQ(files.names("/proc/version"), std::nullopt);
  EXPECT_TRUE(files.may_write("/proc/version"));
  EXPECT_FALSE(files.may_write("/proc"));
  EXPECT_FALSE(files.may_write("/dev/null"));
}

}  // namespace
}  // namespace takt::realtime::internal
