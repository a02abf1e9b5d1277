#include "takt/async/zygote.hpp"

#include <chrono>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "takt/async/test/isolate_helpers.hpp"

namespace takt::async {

using namespace internal;
namespace {

pid_t process_in(const std::optional<std::string>& line) {
  return line ? static_cast<pid_t>(std::stoi(*line)) : -1;
}

class OrphanTest : public testing::TestWithParam<const char*> {};

TEST_P(OrphanTest, NothingSurvivesTheProgramsSigkill) {
  OtherProgram program({"role:victim", GetParam()});
  const core::FileDescriptor zygote = watch_process(process_in(program.line()));
  const core::FileDescriptor child = watch_process(process_in(program.line()));
  ASSERT_EQ(program.line(), "ready");
  program.kill();
  EXPECT_TRUE(ends(zygote));
  EXPECT_TRUE(ends(child));
}

INSTANTIATE_TEST_SUITE_P(ChildIs, OrphanTest, testing::Values("idle", "spinning", "sleeping", "stopped"),
                         [](const auto& occupation) { return std::string(occupation.param); });

TEST(ZygoteTest, NothingSurvivesAProgramThatExitsWithoutStopping) {
  OtherProgram program({"role:exit_early"});
  const pid_t zygote = process_in(program.line());
  const pid_t child = process_in(program.line());
  EXPECT_EQ(program.wait(), 0);
  for (const pid_t process : {zygote, child}) {
    const core::FileDescriptor watched(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
    EXPECT_TRUE(!watched || ends(watched));  // gone already, or about to go
  }
}

TEST(ZygoteTest, RefusesToForkBesideAnotherThreadAndNamesIt) {
  OtherProgram program({"role:late"});
  const auto message = program.line();
  ASSERT_TRUE(message);
  EXPECT_TRUE(contains(*message, "camera"));
  EXPECT_TRUE(contains(*message, "first line of main"));
}

TEST(ZygoteTest, IsOnePerProcess) {
  EXPECT_THROW(Zygote(), LogicError);
}

TEST(ZygoteTest, IsAskedForByNameWhereItIsMissing) {
  OtherProgram program({"role:none"});
  const auto message = program.line();
  ASSERT_TRUE(message);
  EXPECT_TRUE(contains(*message, "takt::async::Zygote zygote;"));
}

TEST(ZygoteTest, TakesItsChildrenAlongWhenItDies) {
  OtherProgram program({"role:lose_zygote"});
  EXPECT_EQ(program.line(), "is gone with the zygote process, which has ended");
  EXPECT_EQ(program.line(), "child ended");
  const auto refusal = program.line();
  ASSERT_TRUE(refusal);
  EXPECT_TRUE(contains(*refusal, "it has ended"));
}

TEST(ZygoteTest, MayBeReapedByTheProgramAndThenKillsNobodyElse) {
  OtherProgram program({"role:reap_zygote"});
  const auto outcome = program.line();
  ASSERT_TRUE(outcome);
  if (*outcome == "no such number") {
    GTEST_SKIP() << "this system lets nobody choose a process id";
  }
  EXPECT_EQ(*outcome, "the other lives");
}

/// 'S' for one that sleeps, see proc(5).
char state_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t name_end = text.rfind(')');
  return name_end != std::string::npos && name_end + 2 < text.size() ? text[name_end + 2] : '?';
}

TEST(ZygoteTest, SleepsWhileAKilledChildTakesItsTimeToEnd) {
  std::optional<IsolatedProcess> child(std::in_place, IsolateOptions{.name = "slow"});
  (void)call_raw(*child, [](ServedCall&) -> std::size_t { return 0; });
  const pid_t process = child->process();
  // Whom we trace is reaped by its parent only after us.
  if (ptrace(PTRACE_SEIZE, process, nullptr, nullptr) != 0) {
    GTEST_SKIP() << "this system lets us trace nobody";
  }
  child.reset();
  siginfo_t end{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(process), &end, WEXITED | WNOWAIT), 0);  // killed, and not yet reaped
  const auto end_of_patience = std::chrono::steady_clock::now() + kPatience;
  while (state_of(Zygote::current().process()) != 'S' && std::chrono::steady_clock::now() < end_of_patience) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(state_of(Zygote::current().process()), 'S');
  EXPECT_EQ(waitpid(process, nullptr, 0), process);
}

TEST(ZygoteTest, KnowsTheCodeThatWasThereWhenItForked) {
  EXPECT_TRUE(Zygote::current().knows(reinterpret_cast<const void*>(&watch_process)));
  EXPECT_TRUE(Zygote::current().knows(reinterpret_cast<const void*>(&dlopen)));
  const int data = 0;
  EXPECT_FALSE(Zygote::current().knows(&data));
  EXPECT_FALSE(Zygote::current().knows(nullptr));
}

TEST(ZygoteTest, RefusesAFunctionOfALibraryLoadedLaterAndNamesBoth) {
  void* library = dlopen(TAKT_TEST_PLUGIN, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  IsolatedProcess child({.name = "late"});
  try {
    child.submit(RequestKind::kCall, reinterpret_cast<Dispatcher>(dlsym(library, "late_function")), nullptr, 0);
    ADD_FAILURE() << "a child cannot have this function";
  } catch (const LogicError& error) {
    EXPECT_TRUE(contains(error.what(), "late_function"));
    EXPECT_TRUE(contains(error.what(), "isolate_test_plugin"));
  }
  dlclose(library);
}

}  // namespace
}  // namespace takt::async
