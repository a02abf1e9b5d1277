#include "takt/realtime/host_check.hpp"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "takt/realtime/test/host_tree.hpp"

namespace takt::realtime {
namespace {

using enum FindingLevel;

class HostCheckTest : public ::testing::Test {
 protected:
  HostTree tree_;
};

TEST_F(HostCheckTest, AGoodHostIsFineInEveryCheck) {
  write_good_host(tree_);
  for (const Finding& finding : tree_.check()) {
    EXPECT_EQ(finding.level, kOk) << finding.name << ": " << finding.found;
    EXPECT_EQ(finding.fix, "") << finding.name;
    EXPECT_NE(finding.found, "") << finding.name;
  }
}

TEST_F(HostCheckTest, ABadHostHasAFixInEveryCheck) {
  write_bad_host(tree_);
  const std::map<std::string, FindingLevel> expected{{"kernel", kProblem},
                                                     {"real-time priority", kProblem},
                                                     {"locked memory", kAdvice},
                                                     {"frequency governor", kAdvice},
                                                     {"real-time throttling", kProblem},
                                                     {"sleep states", kProblem},
                                                     {"isolated CPUs", kAdvice},
                                                     {"hyperthreads", kAdvice},
                                                     {"interrupts", kAdvice},
                                                     {"network card", kAdvice},
                                                     {"virtual machine", kProblem},
                                                     {"clock source", kAdvice},
                                                     {"swap", kAdvice}};
  const auto findings = tree_.check(3, false);
  EXPECT_EQ(findings.size(), expected.size());
  for (const Finding& finding : findings) {
    ASSERT_TRUE(expected.contains(finding.name)) << finding.name;
    EXPECT_EQ(finding.level, expected.at(finding.name)) << finding.name << ": " << finding.found;
    EXPECT_NE(finding.fix, "") << finding.name;
  }
}

TEST_F(HostCheckTest, AnEmptyHostIsUnknownInEveryCheckThatReadsIt) {
  const auto findings = tree_.check();
  std::set<std::string> names;
  for (const Finding& finding : findings) {
    EXPECT_EQ(finding.level, finding.name == "real-time priority" ? kOk : kUnknown) << finding.name;
    EXPECT_NE(finding.found, "");
    names.insert(finding.name);
  }
  EXPECT_EQ(names.size(), findings.size());
}

TEST_F(HostCheckTest, TheRealHostHasAnAnswerToEachCheck) {
  for (const Finding& finding : check_host()) {
    EXPECT_NE(finding.found, "") << finding.name;
    EXPECT_EQ(finding.fix.empty(), finding.level == kOk || finding.level == kUnknown) << finding.name;
  }
}

TEST_F(HostCheckTest, ThePriorityIsTriedNotGuessed) {
  write_good_host(tree_);
  int asked = 0;
  const auto findings = check_host({.root = tree_.root(), .fifo_priority = 42, .try_fifo = [&](int priority) {
                                      asked = priority;
                                      return false;
                                    }});
  EXPECT_EQ(asked, 42);
  EXPECT_TRUE(findings[1].found.contains("SCHED_FIFO 42 is refused although the limits allow it")) << findings[1].found;
  tree_.write("proc/self/limits", "Max realtime priority     10      10\n");
  EXPECT_TRUE(tree_.find("real-time priority", 3, false).found.ends_with("the limit of the priority is 10"));
}

TEST_F(HostCheckTest, ARealTimeKernelIsKnownByItsVersionToo) {
  write_good_host(tree_);
  tree_.remove("sys/kernel/realtime");
  EXPECT_EQ(tree_.find("kernel").level, kOk);
}

TEST_F(HostCheckTest, TheRightToLockMemoryReplacesTheLimit) {
  write_bad_host(tree_);
  EXPECT_TRUE(tree_.find("locked memory").found.starts_with("only 8192 KiB"));
  tree_.write("proc/self/status", "CapEff:\t000001ffffffffff\n");
  EXPECT_EQ(tree_.find("locked memory").level, kOk);
}

TEST_F(HostCheckTest, NamesTheCpusOfEachGovernor) {
  write_good_host(tree_);
  tree_.write("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "schedutil\n");
  tree_.write("sys/devices/system/cpu/cpu2/cpufreq/scaling_governor", "schedutil\n");
  EXPECT_TRUE(tree_.find("frequency governor").found.starts_with("performance on CPU 0,3, schedutil on CPU 1-2"));
}

TEST_F(HostCheckTest, DeepSleepMattersWhereItCannotBeForbidden) {
  write_bad_host(tree_);
  EXPECT_TRUE(tree_.find("sleep states").found.starts_with("the deepest, C10, takes 890 µs to leave, and"));
  for (const char* cpu : {"cpu0", "cpu1", "cpu2", "cpu3"}) {
    tree_.write(std::string("sys/devices/system/cpu/") + cpu + "/cpuidle/state1/latency", "20\n");
  }
  EXPECT_EQ(tree_.find("sleep states").level, kAdvice);
  for (const char* cpu : {"cpu0", "cpu1", "cpu2", "cpu3"}) {
    tree_.write(std::string("sys/devices/system/cpu/") + cpu + "/cpuidle/state1/disable", "1\n");
  }
  EXPECT_EQ(tree_.find("sleep states").level, kOk);
}

TEST_F(HostCheckTest, IsolationIsOfTheCyclesCpu) {
  write_good_host(tree_);
  EXPECT_EQ(tree_.find("isolated CPUs", 3).level, kOk);
  EXPECT_EQ(tree_.find("isolated CPUs", 1).level, kAdvice);
  EXPECT_TRUE(tree_.find("isolated CPUs", 1).fix.contains("CPU 3"));
  EXPECT_EQ(tree_.find("isolated CPUs", std::nullopt).level, kAdvice);
  tree_.write("sys/devices/system/cpu/nohz_full", "(null)\n");
  EXPECT_TRUE(tree_.find("isolated CPUs", 3).found.contains("tick goes on"));
  tree_.write("sys/devices/system/cpu/isolated", "\n");
  EXPECT_TRUE(tree_.find("isolated CPUs", 2).fix.contains("isolcpus=2 nohz_full=2 rcu_nocbs=2"));
}

TEST_F(HostCheckTest, NamesTheSiblingOfTheCyclesCpu) {
  write_bad_host(tree_);
  EXPECT_EQ(tree_.find("hyperthreads", 3).found, "CPU 3 shares its core with CPU 2");
  EXPECT_EQ(tree_.find("hyperthreads", 3).fix, "echo 0 | sudo tee /sys/devices/system/cpu/cpu2/online");
  EXPECT_EQ(tree_.find("hyperthreads", std::nullopt).level, kAdvice);
  write_cpus(tree_, "powersave", false, false);
  EXPECT_EQ(tree_.find("hyperthreads", std::nullopt).level, kOk);
}

TEST_F(HostCheckTest, NamesTheBusiestInterruptThatMayStillLandOnTheCpu) {
  write_bad_host(tree_);
  const Finding finding = tree_.find("interrupts", 3);
  EXPECT_EQ(finding.found, "sources of interrupts on CPU 3: 1, the busiest enp3s0 (IRQ 125, 987654 times since boot)");
  EXPECT_TRUE(finding.fix.starts_with("echo 0-2 | sudo tee")) << finding.fix;
  tree_.remove("proc/irq/9");  // one that does not say where it goes may land anywhere
  EXPECT_TRUE(tree_.find("interrupts", 3).found.contains("CPU 3: 2, the busiest enp3s0"));
  EXPECT_EQ(tree_.find("interrupts", 1).level, kOk);
  EXPECT_EQ(tree_.find("interrupts", std::nullopt).level, kAdvice);
  EXPECT_EQ(tree_.find("interrupts", 7).level, kUnknown);
}

TEST_F(HostCheckTest, OnlyWiredCardsOfTheMachineAreAdvisedAbout) {
  write_bad_host(tree_);
  EXPECT_TRUE(tree_.find("network card").fix.contains("ethtool -C enp3s0 rx-usecs 0"));
  tree_.write("sys/class/net/enp3s0/device/modalias", "virtio:d00000001v00001AF4\n");
  EXPECT_EQ(tree_.find("network card").level, kOk);
}

TEST_F(HostCheckTest, SaysWhatAHypervisorTook) {
  write_bad_host(tree_);
  EXPECT_EQ(tree_.find("virtual machine").found,
            "runs under a hypervisor, which took 1.0 s of CPU time since boot (1.000 %)");
  tree_.write("proc/stat", "cpu  100 zero\n");
  EXPECT_TRUE(tree_.find("virtual machine").found.ends_with("is not known"));
}

}  // namespace
}  // namespace takt::realtime
