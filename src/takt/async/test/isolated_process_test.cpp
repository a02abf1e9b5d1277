#include "takt/async/internal/isolated_process.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/async/test/isolate_helpers.hpp"
#include "takt/async/zygote.hpp"

namespace takt::async {

using namespace internal;
namespace {

std::size_t nothing(ServedCall& /*call*/) {
  return 0;
}

std::size_t hang(ServedCall& /*call*/) {
  while (true) {
    pause();
  }
}

/// Calls a dispatcher that ends its process, and returns how.
std::optional<ProcessEnd> end_by(Dispatcher dispatcher) {
  IsolatedProcess child({.name = "victim"});
  try {
    (void)call_raw(child, dispatcher);
  } catch (const ChildCrashed& crash) {
    return crash.end();
  }
  return std::nullopt;
}

constexpr ProcessEnd killed_by(int signal) {
  return {ProcessEnd::Kind::kKilled, signal};
}

TEST(IsolatedProcessTest, NamesTheSignalThatKilledTheChild) {
  EXPECT_EQ(end_by([](ServedCall&) -> std::size_t { return static_cast<std::size_t>(raise(SIGSEGV)); }),
            killed_by(SIGSEGV));
  EXPECT_EQ(end_by([](ServedCall&) -> std::size_t { return static_cast<std::size_t>(kill(getpid(), SIGKILL)); }),
            killed_by(SIGKILL));
  EXPECT_EQ(end_by([](ServedCall&) -> std::size_t { std::abort(); }), killed_by(SIGABRT));
  EXPECT_EQ(end_by([](ServedCall&) -> std::size_t { std::terminate(); }), killed_by(SIGABRT));
}

std::size_t overflow(ServedCall& call) {
  volatile char page[4096] = {};
  page[0] = static_cast<char>(call.target);
  return page[0] == 0 ? overflow(call) + static_cast<std::size_t>(page[1]) : 0;
}

TEST(IsolatedProcessTest, NamesTheSignalOfAStackOverflowAndOfARealFault) {
  EXPECT_EQ(end_by(&overflow), killed_by(SIGSEGV));
  EXPECT_EQ(end_by([](ServedCall& call) -> std::size_t {
              return *reinterpret_cast<const volatile unsigned char*>(call.target + 8);
            }),
            killed_by(SIGSEGV));
}

TEST(IsolatedProcessTest, AFaultKillsTheChildAsItWouldWithoutUs) {
  IsolatedProcess child({.name = "faulty"});
  (void)call_raw(child, &nothing);
  const core::FileDescriptor watched = watch_process(child.process());
  EXPECT_THROW((void)call_raw(child, [](ServedCall&) -> std::size_t { std::abort(); }), ChildCrashed);
  EXPECT_TRUE(ends(watched));
}

TEST(IsolatedProcessTest, NamesTheExitCodeOfAChildThatLeft) {
  EXPECT_EQ(end_by([](ServedCall&) -> std::size_t { std::_Exit(3); }), (ProcessEnd{ProcessEnd::Kind::kExited, 3}));
  EXPECT_EQ(end_by([](ServedCall&) -> std::size_t { _exit(0); }), (ProcessEnd{ProcessEnd::Kind::kExited, 0}));
}

TEST(IsolatedProcessTest, NoticesADeathBetweenCalls) {
  IsolatedProcess child({.name = "idle"});
  (void)call_raw(child, &nothing);
  EXPECT_EQ(child.try_end(), std::nullopt);
  kill(child.process(), SIGKILL);
  EXPECT_EQ(wait_for_end(child), killed_by(SIGKILL));
  EXPECT_EQ(child.try_end(), killed_by(SIGKILL));  // and remembers it
  EXPECT_THROW(child.submit(RequestKind::kCall, &nothing, nullptr, 0), ChildCrashed);
}

TEST(IsolatedProcessTest, GivesTheAnswerThatCameBeforeTheDeath) {
  IsolatedProcess child({.name = "brave"});
  child.submit(RequestKind::kStop, [](ServedCall& call) { return reply_with(call, "last words"); }, nullptr, 0);
  EXPECT_EQ(wait_for_end(child), (ProcessEnd{ProcessEnd::Kind::kExited, 0}));
  const auto reply = child.try_collect();
  ASSERT_TRUE(reply);
  EXPECT_EQ(text_of(*reply), "last words");
}

TEST(IsolatedProcessTest, KillsAHungChildAndSaysSo) {
  IsolatedProcess child({.name = "policy"});
  child.submit(RequestKind::kCall, &hang, nullptr, 0);
  try {
    (void)wait_for_reply(child, std::chrono::milliseconds(20));
    ADD_FAILURE() << "a hung child answered";
  } catch (const ChildHung& error) {
    EXPECT_EQ(error.waited(), std::chrono::milliseconds(20));
    EXPECT_TRUE(contains(error.what(), "'policy'"));
  }
  EXPECT_EQ(wait_for_end(child), killed_by(SIGKILL));
  EXPECT_THROW(child.submit(RequestKind::kCall, &nothing, nullptr, 0), ChildHung);  // later calls hear the same
}

TEST(IsolatedProcessTest, IsKilledWithItsOwner) {
  core::FileDescriptor watched;
  {
    IsolatedProcess child({.name = "left"});
    (void)call_raw(child, &nothing);
    watched = watch_process(child.process());
    child.submit(RequestKind::kCall, &hang, nullptr, 0);
  }
  EXPECT_TRUE(ends(watched));
}

TEST(IsolatedProcessTest, AnswersOneCallAfterTheOther) {
  IsolatedProcess child({.name = "counter"});
  for (int number = 0; number < 1000; ++number) {
    const auto bytes = child.request_area();
    std::memcpy(bytes.data(), &number, sizeof(number));
    child.submit(
        RequestKind::kCall,
        [](ServedCall& call) {
          std::memcpy(call.reply.data(), call.request.data(), call.request.size());
          return call.request.size();
        },
        nullptr, sizeof(number));
    int answer = -1;
    const Reply reply = wait_for_reply(child);
    ASSERT_EQ(reply.bytes.size(), sizeof(answer));
    std::memcpy(&answer, reply.bytes.data(), sizeof(answer));
    ASSERT_EQ(answer, number);
  }
}

TEST(IsolatedProcessTest, RefusesASecondCallWhileOneRuns) {
  IsolatedProcess child({.name = "busy"});
  child.submit(RequestKind::kCall, &hang, nullptr, 0);
  EXPECT_TRUE(child.busy());
  EXPECT_THROW(child.submit(RequestKind::kCall, &nothing, nullptr, 0), LogicError);
  EXPECT_THROW((void)child.request_area(), LogicError);
}

TEST(IsolatedProcessTest, RefusesOptionsThatMeanNothing) {
  EXPECT_THROW(IsolatedProcess({.name = ""}), LogicError);
  EXPECT_THROW(IsolatedProcess({.name = "none", .max_message_bytes = 0}), LogicError);
  for (const std::size_t bytes : {(std::size_t{1} << 40) + 1, std::numeric_limits<std::size_t>::max()}) {
    try {
      const IsolatedProcess child({.name = "huge", .max_message_bytes = bytes});
      ADD_FAILURE() << bytes;
    } catch (const LogicError& error) {
      EXPECT_TRUE(contains(error.what(), std::to_string(bytes)));
    }
  }
}

TEST(IsolatedProcessTest, DoesNotBelieveAChildWhoseMemoryIsDamaged) {
  IsolatedProcess child({.name = "damaged"});
  EXPECT_THROW((void)call_raw(child, [](ServedCall&) { return std::size_t{1} << 40; }), Error);
}

TEST(IsolatedProcessTest, LeavesNoDescriptorBehind) {
  const std::vector<int> before = open_descriptors();
  {
    IsolatedProcess stopped({.name = "stopped"});
    (void)call_raw(stopped, &nothing, RequestKind::kStop);
    (void)wait_for_end(stopped);
    IsolatedProcess killed({.name = "killed"});
  }
  EXPECT_EQ(open_descriptors(), before);
}

std::ptrdiff_t zygote_descriptors() {
  const std::filesystem::directory_iterator all("/proc/" + std::to_string(Zygote::current().process()) + "/fd");
  return std::distance(begin(all), end(all));
}

TEST(IsolatedProcessTest, ComesAndGoesAThousandTimes) {
  const std::vector<int> before = open_descriptors();
  for (int cycle = 0; cycle < 1000; ++cycle) {
    IsolatedProcess child({.name = "fly"});
    (void)call_raw(child, &nothing, RequestKind::kStop);
    ASSERT_EQ(wait_for_end(child), (ProcessEnd{ProcessEnd::Kind::kExited, 0}));
  }
  EXPECT_EQ(open_descriptors(), before);
  const auto end_of_patience = std::chrono::steady_clock::now() + kPatience;
  while (zygote_descriptors() > 5 && std::chrono::steady_clock::now() < end_of_patience) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // it lets go of a child after having told its end
  }
  EXPECT_EQ(zygote_descriptors(), 5);  // standard streams, control, SIGCHLD
}

TEST(IsolatedProcessTest, SeveralLiveAtOnceAndAnswerForThemselves) {
  std::vector<std::unique_ptr<IsolatedProcess>> children;
  for (int index = 0; index < 8; ++index) {
    children.push_back(std::make_unique<IsolatedProcess>(IsolateOptions{.name = "many"}));
    children.back()->submit(
        RequestKind::kCall, [](ServedCall& call) { return reply_with(call, std::to_string(getpid())); }, nullptr, 0);
  }
  kill((wait_for_reply(*children[3]), children[3]->process()), SIGKILL);
  EXPECT_EQ(wait_for_end(*children[3]), killed_by(SIGKILL));
  children.erase(children.begin() + 3);
  for (const auto& child : children) {
    EXPECT_EQ(text_of(wait_for_reply(*child)), std::to_string(child->process()));
    EXPECT_EQ(child->try_end(), std::nullopt);
  }
}

}  // namespace
}  // namespace takt::async
