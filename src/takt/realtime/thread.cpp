#include "takt/realtime/thread.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <semaphore>
#include <utility>

#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/core/log.hpp"
#include "takt/core/sanitizers.hpp"
#include "takt/core/thread_names.hpp"

namespace takt::realtime {
namespace {

constexpr std::size_t kMaxNameBytes = 15;  // the kernel's TASK_COMM_LEN − 1
constexpr std::size_t kSmallestStackBytes = std::size_t{64} * 1024;
constexpr std::size_t kPageBytes = 4096;

std::string error_text(int error_number) {
  return std::strerror(error_number);
}

void warn(const std::string& text) {
  core::log(core::LogLevel::kWarning, text);
}

void check(const ThreadOptions& options) {
  if (options.name.empty() || options.name.size() > kMaxNameBytes) {
    throw LogicError("RealtimeThread: the name must have 1 … 15 bytes, is '" + options.name + "'");
  }
  if (options.fifo_priority && (*options.fifo_priority < 1 || *options.fifo_priority > 99)) {
    throw LogicError("RealtimeThread " + options.name + ": SCHED_FIFO priority must be 1 … 99, is " +
                     std::to_string(*options.fifo_priority));
  }
  if (options.cpu && (*options.cpu < 0 || *options.cpu >= CPU_SETSIZE)) {
    throw LogicError("RealtimeThread " + options.name + ": there is no CPU " + std::to_string(*options.cpu));
  }
  if (options.stack_bytes < kSmallestStackBytes) {
    throw LogicError("RealtimeThread " + options.name + ": the stack needs 64 KiB, is " +
                     std::to_string(options.stack_bytes) + " bytes");
  }
}

/// Writes to every page of the calling thread's stack below the current frame. That memory is dead; a signal handler
/// that comes meanwhile has returned before the next touch.
[[gnu::noinline]] bool prefault_stack() noexcept {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) {
    return false;
  }
  void* lowest = nullptr;
  std::size_t size = 0;
  const bool known = pthread_attr_getstack(&attributes, &lowest, &size) == 0;
  pthread_attr_destroy(&attributes);
  if (!known) {
    return false;
  }
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  const auto end = reinterpret_cast<std::uintptr_t>(lowest);
  for (std::uintptr_t page = here - 2 * kPageBytes; page > end; page -= kPageBytes) {
    *reinterpret_cast<volatile char*>(page) = 0;
  }
  return true;
}

/// RESET_ON_FORK: what the thread itself starts does not inherit the priority.
int become_fifo(int priority) noexcept {
  sched_param parameters{};
  parameters.sched_priority = priority;
  return sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters) == 0 ? 0 : errno;
}

int pin_to(int cpu) noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  return pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

#if !TAKT_SANITIZED
bool may_lock_without_bound() noexcept {
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY) {
    return true;
  }
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> data{};
  return syscall(SYS_capget, &header, data.data()) == 0 && (data[0].effective & (1U << CAP_IPC_LOCK)) != 0;
}

bool lock_once() {
  // With a bound, MCL_FUTURE would make later allocations fail instead of this call: then only what is there is locked.
  const int flags = may_lock_without_bound() ? MCL_CURRENT | MCL_FUTURE : MCL_CURRENT;
  if (mlockall(flags) != 0) {
    warn("memory is not locked (" + error_text(errno) +
         "): a page fault may delay the cycle; raise the limit (`memlock` in /etc/security/limits.conf, ulimit -l)");
    return false;
  }
  if ((flags & MCL_FUTURE) == 0) {
    warn(
        "memory is locked as far as it is allocated now; for the rest raise `memlock` in /etc/security/limits.conf "
        "(ulimit -l unlimited)");
  }
  return true;
}
#endif

}  // namespace

struct RealtimeThread::Shared {
  ThreadOptions options;
  Body body;
  std::stop_source stop;
  std::binary_semaphore ready{0};
  ThreadReport report;
  int fifo_error{0};
  int pin_error{0};
  pthread_t handle{};
  bool joined{false};

  void set_up() noexcept;
  void warn_of_refusals() const;
  static void* run(void* self) noexcept;
};

void RealtimeThread::Shared::set_up() noexcept {
  core::set_current_thread_name(options.name);
  prctl(PR_SET_TIMERSLACK, 1UL);
  report.thread_id = static_cast<std::uint32_t>(syscall(SYS_gettid));
  report.stack_prefaulted = prefault_stack();
  if (options.cpu) {
    pin_error = pin_to(*options.cpu);
    report.pinned = pin_error == 0;
  }
  if (options.fifo_priority) {
    fifo_error = become_fifo(*options.fifo_priority);
    report.fifo = fifo_error == 0;
  }
}

void RealtimeThread::Shared::warn_of_refusals() const {
  static std::once_flag fifo_once;
  if (fifo_error != 0) {
    std::call_once(fifo_once, [this] {
      warn("thread " + options.name + " runs without real-time priority (" + error_text(fifo_error) +
           "): it will miss cycles under load; allow it with `rtprio 90` in /etc/security/limits.conf (ulimit -r 90)");
    });
  }
  if (pin_error != 0) {
    warn("thread " + options.name + " is not pinned to CPU " + std::to_string(options.cpu.value_or(-1)) + " (" +
         error_text(pin_error) + "): choose a CPU that this process may use (taskset -p)");
  }
}

void* RealtimeThread::Shared::run(void* self) noexcept {
  auto& shared = *static_cast<Shared*>(self);
  shared.set_up();
  const std::stop_token token = shared.stop.get_token();
  shared.ready.release();
  shared.body(token);
  return nullptr;
}

RealtimeThread::RealtimeThread(ThreadOptions options, Body body) : shared_(std::make_unique<Shared>()) {
  check(options);
  shared_->options = std::move(options);
  shared_->body = std::move(body);
  if (shared_->options.lock_memory) {
    shared_->report.memory_locked = lock_process_memory();
  }
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, shared_->options.stack_bytes);
  const int error = pthread_create(&shared_->handle, &attributes, &Shared::run, shared_.get());
  pthread_attr_destroy(&attributes);
  if (error != 0) {
    throw SystemError("cannot start thread " + shared_->options.name, error);
  }
  shared_->ready.acquire();
  try {
    shared_->warn_of_refusals();
  } catch (...) {  // no memory for a warning must not leave the thread without an owner
    request_stop();
    join();
    throw;
  }
}

RealtimeThread::~RealtimeThread() {
  request_stop();
  join();
}

void RealtimeThread::request_stop() noexcept {
  shared_->stop.request_stop();
}

void RealtimeThread::join() noexcept {
  if (!shared_->joined) {
    pthread_join(shared_->handle, nullptr);
    shared_->joined = true;
  }
}

const ThreadReport& RealtimeThread::report() const noexcept {
  return shared_->report;
}

bool lock_process_memory() {
#if TAKT_SANITIZED
  return false;
#else
  static const bool locked = lock_once();
  return locked;
#endif
}

CpuDmaLatency::CpuDmaLatency() : descriptor_(open("/dev/cpu_dma_latency", O_WRONLY | O_CLOEXEC)) {
  int error = errno;
  const std::int32_t latency_us = 0;
  if (descriptor_ >= 0 && write(descriptor_, &latency_us, sizeof(latency_us)) != sizeof(latency_us)) {
    error = errno;
    close(descriptor_);
    descriptor_ = -1;
  }
  static std::once_flag once;
  if (descriptor_ < 0) {
    std::call_once(once, [error] {
      warn("/dev/cpu_dma_latency is not ours (" + error_text(error) +
           "): wake-ups take longer; give the user write access to it (udev rule)");
    });
  }
}

CpuDmaLatency::~CpuDmaLatency() {
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
}

}  // namespace takt::realtime
