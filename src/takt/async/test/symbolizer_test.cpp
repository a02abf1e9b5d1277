#include "takt/async/internal/symbolizer.hpp"

#include <array>
#include <cstdlib>
#include <string>

#include <dlfcn.h>
#include <gtest/gtest.h>

namespace takt::async {

[[gnu::noinline]] int function_with_a_name(int value) {
  return value * 3;
}

namespace {

template <class Function>
std::uintptr_t address_of(Function* function) {
  return reinterpret_cast<std::uintptr_t>(function);
}

[[gnu::noinline]] int local_function(int value) {
  return value * 5;
}

TEST(SymbolizerTest, NamesAFunctionOfThisProgram) {
  const StackFrame frame = Symbolizer().frame_at(address_of(&function_with_a_name));
  EXPECT_EQ(frame.function, "takt::async::function_with_a_name(int)");
  EXPECT_NE(frame.module.find("async_tests"), std::string::npos) << frame.module;
  EXPECT_EQ(frame.address, address_of(&function_with_a_name));
}

TEST(SymbolizerTest, NamesAFunctionThatIsNotExported) {
  const StackFrame frame = Symbolizer().frame_at(address_of(&local_function));
  EXPECT_NE(frame.function.find("local_function(int)"), std::string::npos) << frame.text();
}

TEST(SymbolizerTest, NamesAFunctionOfASharedLibrary) {
  void* function = dlsym(RTLD_DEFAULT, "a64l");  // which no sanitizer replaces
  ASSERT_NE(function, nullptr);
  const StackFrame frame = Symbolizer().frame_at(reinterpret_cast<std::uintptr_t>(function));
  EXPECT_NE(frame.function.find("a64l"), std::string::npos) << frame.text();
  EXPECT_NE(frame.module.find("libc"), std::string::npos) << frame.text();
}

TEST(SymbolizerTest, GivesFileAndLineWhereThereIsDebugInformation) {
  const StackFrame frame = Symbolizer().frame_at(address_of(&function_with_a_name));
  if (frame.file.empty()) {
    EXPECT_EQ(frame.line, 0);
    EXPECT_EQ(frame.text(), frame.function + " in " + frame.module);
    GTEST_SKIP() << "built without debug information";
  }
  EXPECT_TRUE(frame.file.ends_with("symbolizer_test.cpp")) << frame.file;
  EXPECT_GT(frame.line, 10);
  EXPECT_EQ(frame.text(), frame.function + " at " + frame.file + ":" + std::to_string(frame.line));
}

/// A return address may be the first of the next function: it stands for the call before it.
TEST(SymbolizerTest, AReturnAddressStandsForTheCallBeforeIt) {
  const std::uintptr_t start = address_of(&function_with_a_name);
  const std::array<std::uintptr_t, 3> stack{start, start, start + 1};
  const auto frames = Symbolizer().stack(stack);
  EXPECT_EQ(frames[0].function, "takt::async::function_with_a_name(int)");
  EXPECT_NE(frames[1].function, "takt::async::function_with_a_name(int)");
  EXPECT_EQ(frames[2].function, "takt::async::function_with_a_name(int)");
}

TEST(SymbolizerTest, AnUnknownAddressIsANumber) {
  Symbolizer symbolizer;
  EXPECT_EQ(symbolizer.frame_at(0).text(), "0x0");
  EXPECT_EQ(symbolizer.frame_at(0x10).text(), "0x10");
  EXPECT_TRUE(symbolizer.frame_at(~std::uintptr_t{0}).function.empty());
  int on_the_stack = 0;
  EXPECT_TRUE(symbolizer.frame_at(reinterpret_cast<std::uintptr_t>(&on_the_stack)).function.empty());
}

TEST(SymbolizerTest, SeesALibraryThatWasLoadedLater) {
  Symbolizer symbolizer;
  EXPECT_FALSE(symbolizer.frame_at(address_of(&function_with_a_name)).function.empty());
  void* library = dlopen("libresolv.so.2", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    GTEST_SKIP() << "no libresolv.so.2";
  }
  void* function = dlsym(library, "ns_format_ttl");
  ASSERT_NE(function, nullptr);
  const StackFrame frame = symbolizer.frame_at(reinterpret_cast<std::uintptr_t>(function));
  EXPECT_NE(frame.text().find("ns_format_ttl"), std::string::npos) << frame.text();
  dlclose(library);
}

TEST(SymbolizerTest, ShortensThePiecesOfCoroutinesToTheFunctionThatTheUserWrote) {
  EXPECT_EQ(shorten_function("robot::plan(int) [clone .resume]"), "robot::plan(int)");
  EXPECT_EQ(shorten_function("robot::plan(int) (.resume)"), "robot::plan(int)");
  EXPECT_EQ(shorten_function("robot::plan(int) [clone .cold] [clone .isra.0]"), "robot::plan(int)");
  EXPECT_EQ(shorten_function("robot::plan(robot::plan(int)::_ZN5robot4planEi.Frame*) [clone .actor]"),
            "robot::plan(int)");
  EXPECT_EQ(
      shorten_function("robot::user()::{lambda(int)#1}::operator()(robot::user()::{lambda(int)#1}::operator()(int) "
                       "const::_ZZN5robot4userEvENKUliE_clEi.Frame*) [clone .actor]"),
      "robot::user()::{lambda(int)#1}::operator()(int) const");
  EXPECT_EQ(shorten_function("main"), "main");
  EXPECT_EQ(shorten_function(""), "");
}

}  // namespace
}  // namespace takt::async
