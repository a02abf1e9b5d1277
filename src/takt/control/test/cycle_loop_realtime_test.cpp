#include <chrono>
#include <mutex>
#include <string>

#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "takt/control/cycle_loop.hpp"
#include "takt/control/laws/joint_impedance_law.hpp"
#include "takt/control/test/cycle_loop_fixture.hpp"
#include "takt/core/sanitizers.hpp"
#include "takt/testing/allocation_guard.hpp"
#include "takt/testing/lock_guard.hpp"

namespace takt::control {
namespace {

TEST(LockGuardTest, SeesEveryWayToTakeAMutex) {
  if (!testing::LockGuard::counts()) {
    GTEST_SKIP() << "under a sanitizer";
  }
  std::timed_mutex mutex;
  const testing::LockGuard locks;
  mutex.lock();
  mutex.unlock();
  ASSERT_TRUE(mutex.try_lock());
  mutex.unlock();
  ASSERT_TRUE(mutex.try_lock_for(std::chrono::milliseconds(1)));
  mutex.unlock();
  EXPECT_EQ(locks.count(), 3U);
}

TEST_F(CycleLoopTest, NoCycleTakesALockFromStartToFault) {
  JointImpedanceLaw impedance({}, model);
  CycleLoop locked_out(arm, impedance, model, options_for(world));
  const testing::LockGuard locks;
  for (int i = 0; i < 1000; ++i) {
    static_cast<void>(locked_out.set(
        {.q_rad = {0.1, 0.1, 0.1},
         .terms = {.stamp_ns = world.clock.now_ns(), .valid_until_ns = i % 200 < 100 ? kValidForever : 0}}));
    ASSERT_TRUE(locked_out.run_once());
  }
  locked_out.request_safe_stop();
  for (int i = 0; i < 1500; ++i) {
    ASSERT_TRUE(locked_out.run_once());
  }
  locked_out.request_stop();
  while (locked_out.run_once()) {
  }
  EXPECT_EQ(locks.count(), 0U);
  EXPECT_EQ(locked_out.mode(), CycleMode::kFaulted);
}

TEST_F(CycleLoopTest, NoCycleAllocatesFromStartToFault) {
  const core::JointVector near{0.1, 0.1, 0.1};
  const core::JointVector far{1.5, -1.5, 1.0};
  const testing::AllocationGuard guard;
  run(10);
  for (int i = 0; i < 1000; ++i) {
    static_cast<void>(go(i % 200 < 100 ? near : far));
    run(1);
  }
  loop.request_halt();
  run(1000);
  loop.request_safe_stop();
  run(1000);
  loop.request_stop();
  run(1000);
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_FALSE(alive);
}

#if !TAKT_SANITIZED

/// In strict mode the kernel kills a process that makes any system call but read, write and exit.
TEST_F(CycleLoopTest, NoCycleMakesASystemCall) {
  EXPECT_EXIT(
      {
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
        run(10);
        static_cast<void>(go({1.5, -1.5, 1.0}));
        run(500);
        loop.request_safe_stop();
        run(1500);
        syscall(SYS_exit, loop.mode() == CycleMode::kFaulted ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

#endif

}  // namespace
}  // namespace takt::control
