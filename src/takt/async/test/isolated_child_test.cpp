#include "takt/async/internal/isolated_child.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "takt/async/test/isolate_helpers.hpp"

// What a child is left with.

namespace takt::async {

using namespace internal;
namespace {

std::size_t nothing(ServedCall& /*call*/) {
  return 0;
}

std::string ask(Dispatcher dispatcher) {
  IsolatedProcess child({.name = "asked"});
  return text_of(call_raw(child, dispatcher));
}

TEST(IsolatedChildTest, HasNoDescriptorsButTheStandardStreamsAndItsBell) {
  EXPECT_EQ(ask([](ServedCall& call) {
              std::string text;
              for (const int number : open_descriptors()) {
                text += std::to_string(number) + " ";
              }
              return reply_with(call, text);
            }),
            "0 1 2 3 ");
}

TEST(IsolatedChildTest, HasAnEmptyStandardInput) {
  EXPECT_EQ(ask([](ServedCall& call) {
              char byte = 0;
              return reply_with(call, std::to_string(read(STDIN_FILENO, &byte, 1)));
            }),
            "0");
}

TEST(IsolatedChildTest, WritesWhereTheProgramWrites) {
  IsolatedProcess child({.name = "writer"});
  const auto stream = [](const std::string& process) {
    std::array<char, 256> target{};
    const std::string link = "/proc/" + process + "/fd/1";
    return std::string(target.data(), static_cast<std::size_t>(
                                          std::max<ssize_t>(0, readlink(link.c_str(), target.data(), target.size()))));
  };
  (void)call_raw(child, &nothing);
  EXPECT_EQ(stream(std::to_string(child.process())), stream("self"));
}

TEST(IsolatedChildTest, IsNamedAfterItsObject) {
  IsolatedProcess child({.name = "policy"});
  (void)call_raw(child, &nothing);
  std::ifstream file("/proc/" + std::to_string(child.process()) + "/comm");
  std::string name;
  std::getline(file, name);
  EXPECT_EQ(name, "iso.policy");
}

TEST(IsolatedChildTest, BlocksNoSignalAndLeavesThoseOfTheTerminalToTheProgram) {
  EXPECT_EQ(ask([](ServedCall& call) {
              std::string text;
              sigset_t blocked;
              sigprocmask(SIG_SETMASK, nullptr, &blocked);
              for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGQUIT, SIGUSR1, SIGPIPE}) {
                struct sigaction action{};
                sigaction(signal, nullptr, &action);
                text += sigismember(&blocked, signal) != 0 ? "blocked "
                        : action.sa_handler == SIG_IGN     ? "ignored "
                        : action.sa_handler == SIG_DFL     ? "default "
                                                           : "handled ";
              }
              return reply_with(call, text);
            }),
            "ignored ignored ignored default default default default ");
}

TEST(IsolatedChildTest, RunsWithTheNormalPolicyOnEveryCpuItMay) {
  EXPECT_EQ(ask([](ServedCall& call) {
              return reply_with(call, sched_getscheduler(0) == SCHED_OTHER ? "other" : "real-time");
            }),
            "other");
}

TEST(IsolatedChildTest, LeavesNoCoreDumpUnlessAsked) {
  const Dispatcher limit = [](ServedCall& call) {
    rlimit value{};
    getrlimit(RLIMIT_CORE, &value);
    return reply_with(call, value.rlim_cur > 1 ? "dumps" : "does not");
  };
  EXPECT_EQ(ask(limit), "does not");
  rlimit own{};
  getrlimit(RLIMIT_CORE, &own);
  IsolatedProcess dumping({.name = "dumping", .core_dump = true});
  EXPECT_EQ(text_of(call_raw(dumping, limit)), own.rlim_cur > 1 ? "dumps" : "does not");
}

TEST(IsolatedChildTest, CannotIsolateItself) {
  IsolatedProcess child({.name = "outer"});
  const Reply reply = call_raw(child, [](ServedCall&) -> std::size_t {
    const IsolatedProcess inner({.name = "inner"});
    return 0;
  });
  ASSERT_EQ(reply.kind, ReplyKind::kThrew);
  EXPECT_TRUE(contains(text_of(reply), "takt::LogicError"));
}

}  // namespace
}  // namespace takt::async
