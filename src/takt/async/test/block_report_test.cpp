#include "takt/async/block_report.hpp"

#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace takt::async {
namespace {

StackFrame frame(std::string function, std::string module = "/home/robot/bin/demo") {
  StackFrame made;
  made.function = std::move(function);
  made.module = std::move(module);
  return made;
}

BlockReport sleeping() {
  return {.task = "main/camera",
          .started_at = "app.cpp:7",
          .duration_ns = 12'340'000,
          .stack = {frame("clock_nanosleep", "/usr/lib/libc.so.6"), frame("std::this_thread::sleep_for"),
                    frame("wait_for_shutter()"), frame("camera()")}};
}

TEST(BlockReportTest, TheUsersFunctionIsTheFirstThatIsNotTheSystems) {
  EXPECT_EQ(sleeping().user_frame()->function, "wait_for_shutter()");
}

TEST(BlockReportTest, AStackOfTheSystemsFunctionsAloneGivesTheInnermost) {
  const BlockReport report{.stack = {frame("__poll", "/lib/libc.so.6"), frame("std::function<void ()>::operator()")}};
  EXPECT_EQ(report.user_frame()->function, "__poll");
}

TEST(BlockReportTest, WithoutAStackThereIsNoFunction) {
  EXPECT_EQ(BlockReport().user_frame(), nullptr);
}

TEST(BlockReportTest, TheTextSaysWhoWhereForHowLongAndInWhatTheUsersFunctionsFirst) {
  EXPECT_EQ(sleeping().text(),
            "task 'main/camera' (started at app.cpp:7) kept the loop from turning for 12.3 ms, in\n"
            "    wait_for_shutter() in /home/robot/bin/demo\n"
            "    camera() in /home/robot/bin/demo\n"
            "    which was in: clock_nanosleep < std::this_thread::sleep_for");
}

TEST(BlockReportTest, TheTextSaysWhatOthersHadOfTheTime) {
  BlockReport report = sleeping();
  report.without_cpu_ns = 4'000'000;
  EXPECT_NE(report.text().find("for 12.3 ms (4.0 ms of them without a CPU), in\n"), std::string::npos) << report.text();
}

TEST(BlockReportTest, TheTextSaysWhenItHasNotEnded) {
  BlockReport report = sleeping();
  report.ended = false;
  EXPECT_NE(report.text().find("keeps the loop from turning for 12.3 ms now, in"), std::string::npos) << report.text();
}

TEST(BlockReportTest, ALaterStackIsSaidWhereItDiffers) {
  BlockReport report = sleeping();
  report.later_stack = report.stack;
  EXPECT_EQ(report.text(), sleeping().text());
  report.later_stack = {frame("develop()"), frame("camera()")};
  EXPECT_NE(report.text().find("\n  and later in\n    develop() in /home"), std::string::npos) << report.text();
}

}  // namespace
}  // namespace takt::async
