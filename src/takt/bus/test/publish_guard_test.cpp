#include "takt/bus/publish_guard.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

namespace takt::bus::internal {
namespace {

/// Looks at its thread's slot after everything that was made later in the thread is destroyed, the slot's lease too.
struct LateUser {
  bool* slot_is_taken{nullptr};
  ~LateUser() {
    if (slot_is_taken != nullptr) {
      *slot_is_taken = this_thread_slot().taken;
    }
  }
};

TEST(PublishGuardTest, AThreadThatEndsNeverUsesASlotThatItHasGivenBack) {
  bool slot_is_taken = false;
  std::jthread([&] {
    thread_local LateUser late;
    late.slot_is_taken = &slot_is_taken;
    EXPECT_TRUE(this_thread_slot().taken);
  }).join();
  EXPECT_TRUE(slot_is_taken);
}

TEST(PublishGuardTest, AThreadThatEndedLeavesItsSlotToTheNext) {
  ThreadSlot* first = nullptr;
  ThreadSlot* second = nullptr;
  std::jthread([&] { first = &this_thread_slot(); }).join();
  std::jthread([&] { second = &this_thread_slot(); }).join();
  EXPECT_EQ(first, second);
}

/// From here on membarrier(2) fails in this process. False when the process may not restrict itself.
bool forbid_membarrier() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{.len = 4, .filter = program};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

TEST(PublishGuardDeathTest, AFenceThatTheKernelRefusesEndsTheProcessInsteadOfPassingForOne) {
  if (!asymmetric_fences()) {
    GTEST_SKIP() << "no membarrier(2) in use here";
  }
  EXPECT_DEATH(
      {
        if (forbid_membarrier()) {
          heavy_fence();
          std::_Exit(0);
        }
        std::fputs("membarrier: cannot be forbidden here", stderr);
        std::abort();
      },
      "membarrier");
}

TEST(PublishGuardDeathTest, AKernelWithoutMembarrierIsServedBySequentialConsistency) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a fresh process, which has not decided yet
  EXPECT_EXIT(
      {
        if (forbid_membarrier() && asymmetric_fences()) {
          std::_Exit(1);
        }
        heavy_fence();
        std::_Exit(0);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace takt::bus::internal
