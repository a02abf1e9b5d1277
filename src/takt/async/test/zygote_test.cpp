#include "takt/async/zygote.hpp"

#include <string>

#include <dlfcn.h>
#include <gtest/gtest.h>
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
  const FileDescriptor zygote = watch_process(process_in(program.line()));
  const FileDescriptor child = watch_process(process_in(program.line()));
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
    const FileDescriptor watched(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
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
