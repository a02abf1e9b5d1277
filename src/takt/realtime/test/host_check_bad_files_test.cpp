#include <fstream>
#include <iterator>
#include <random>

#include <gtest/gtest.h>

#include "takt/realtime/test/host_tree.hpp"

namespace takt::realtime {
namespace {

const std::vector<std::string> kNonsense{"",
                                         "\n\n\n",
                                         " ",
                                         "-",
                                         "-9",
                                         "0-",
                                         "3-1",
                                         "99999999999999999999",
                                         "1 2 3 4",
                                         "0x10",
                                         "NaN",
                                         ":",
                                         "a:b:c",
                                         "0-4294967296",
                                         "0-9223372036854775807",
                                         std::string("1\0"
                                                     "2",
                                                     3),
                                         "\xff\xfe\x80",
                                         std::string(10'000, '7'),
                                         std::string(5'000, '\n'),
                                         "Linux version",
                                         "CPU3 CPU3\n 1: 2\n 3:\n",
                                         "cpu",
                                         "flags",
                                         "Max locked memory",
                                         "CapEff:"};

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(HostCheckBadFilesTest, NonsenseInAnyOneFileLeavesEveryOtherFindingAsItWas) {
  for (const auto& write_host : {write_good_host, write_bad_host}) {
    const HostTree tree;
    write_host(tree);
    const auto before = tree.check();
    for (const auto& file : tree.files()) {
      const std::string path = file.lexically_relative(tree.root());
      const std::string original = text_of(file);
      if (path.contains("cpu1/") || path.contains("cpu2/")) {
        continue;  // as cpu0 and cpu3 are
      }
      for (const std::string& text : kNonsense) {
        tree.write(path, text);
        const auto after = tree.check();
        ASSERT_EQ(before.size(), after.size());
        std::size_t changed = 0;
        for (std::size_t i = 0; i < before.size(); ++i) {
          EXPECT_NE(after[i].found, "");
          changed += before[i].found != after[i].found ? 1 : 0;
        }
        // Only `online` is read by several checks.
        EXPECT_TRUE(changed <= 1 || file.filename() == "online") << path << " '" << text.substr(0, 30) << "'";
      }
      tree.write(path, original);
    }
  }
}

TEST(HostCheckBadFilesTest, NumbersThatAreNoneMakeTheirFindingUnknown) {
  const HostTree tree;
  write_good_host(tree);
  const std::vector<std::pair<std::string, std::string>> checks{
      {"proc/sys/kernel/sched_rt_runtime_us", "real-time throttling"},
      {"sys/devices/system/cpu/cpu2/cpufreq/scaling_governor", "frequency governor"},
      {"sys/devices/system/cpu/cpu2/cpuidle/state1/latency", "sleep states"},
      {"sys/devices/system/cpu/isolated", "isolated CPUs"},
      {"sys/devices/system/cpu/cpu3/topology/thread_siblings_list", "hyperthreads"},
      {"proc/interrupts", "interrupts"},
      {"proc/cpuinfo", "virtual machine"},
      {"sys/devices/system/clocksource/clocksource0/current_clocksource", "clock source"},
      {"proc/swaps", "swap"},
      {"proc/self/limits", "locked memory"}};
  for (const auto& [file, check] : checks) {
    tree.write(file, "nonsense\n");
    EXPECT_EQ(tree.find(check).level, FindingLevel::kUnknown) << check << ": " << tree.find(check).found;
  }
}

TEST(HostCheckBadFilesTest, AFolderWhereAFileShouldBeIsUnknown) {
  const HostTree tree;
  write_good_host(tree);
  const auto files = tree.files();
  for (const auto& file : files) {
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
  }
  for (const Finding& finding : tree.check()) {
    // A loopback device is no card, whatever its files are; the priority is tried.
    if (finding.name != "network card" && finding.name != "real-time priority") {
      EXPECT_EQ(finding.level, FindingLevel::kUnknown) << finding.name << ": " << finding.found;
    }
  }
}

TEST(HostCheckBadFilesTest, RandomBytesInEveryFileStillGiveAllFindings) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 50; ++round) {
    const HostTree tree;
    write_bad_host(tree);
    for (const auto& file : tree.files()) {
      std::string text(random() % 200, '\0');
      for (char& c : text) {
        c = static_cast<char>("0123456789-,:\n CPU\xff"[random() % 19]);
      }
      tree.write(file.lexically_relative(tree.root()), text);
    }
    EXPECT_EQ(tree.check().size(), 13U);
  }
}

}  // namespace
}  // namespace takt::realtime
