#include "takt/async/internal/isolated_child.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <memory>
#include <string_view>
#include <typeinfo>

#include <cxxabi.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "takt/async/internal/isolated_segment.hpp"
#include "takt/async/internal/zygote_messages.hpp"
#include "takt/core/thread_names.hpp"

namespace takt::async::internal {
namespace {

constexpr unsigned kFirstOwnDescriptor = 3;

/// Dies with the zygote, which is single-threaded: "parent thread" and "parent process" are the same there.
void die_with(pid_t zygote) noexcept {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != zygote) {
    _exit(0);
  }
}

/// The program may have been started with real-time priority or pinned to a CPU for its cycle: not for this.
void reset_scheduling() noexcept {
  const sched_param normal{};
  sched_setscheduler(0, SCHED_OTHER, &normal);
  if (getpriority(PRIO_PROCESS, 0) < 0) {
    setpriority(PRIO_PROCESS, 0, 0);
  }
  cpu_set_t every;
  std::memset(&every, 0xFF, sizeof(every));  // the kernel leaves out what does not exist or is not allowed
  sched_setaffinity(0, sizeof(every), &every);
}

/// A dump of a process with a model in memory takes seconds, and the end of the process is noticed only after it. One
/// byte, not none: a limit of 0 does not keep the kernel from piping a dump to a crash handler, a limit of 1 does.
void forbid_core_dump() noexcept {
  rlimit limit{};
  if (getrlimit(RLIMIT_CORE, &limit) == 0) {
    limit.rlim_cur = std::min<rlim_t>(1, limit.rlim_max);
    setrlimit(RLIMIT_CORE, &limit);
  }
}

void unblock_signals() noexcept {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

int keep_only(int bell) noexcept {
  const int kept = dup3(bell, kFirstOwnDescriptor, O_CLOEXEC);
  const int number = kept < 0 ? bell : kept;  // fails only when it has that number already
  close_range(kFirstOwnDescriptor + 1, ~0U, 0);
  return number;
}

// What the signal handler needs; set once, before it is installed.
SegmentHeader* crash_header = nullptr;
int crash_bell = -1;

/// Tells the parent at once. The kernel tells of a death only when the memory is gone, which takes 0.15 s per GiB. Then
/// lets the signal do what it does by default.
void note_crash(int signal) {
  const int kept_errno = errno;
  crash_header->crash.store(signal, std::memory_order_release);
  const std::uint64_t one = 1;
  (void)!write(crash_bell, &one, sizeof(one));
  raise(signal);  // pends until this returns; the handler is the default one by then (SA_RESETHAND)
  errno = kept_errno;
}

/// On a stack of its own, for a stack overflow. Of the serving thread; one that the user's object starts has none, and
/// its overflow is noticed when the process is gone.
void note_crashes(SegmentHeader& header, int bell) noexcept {
  static std::array<std::byte, std::size_t{64} * 1024> stack;
  crash_header = &header;
  crash_bell = bell;
  const stack_t own{.ss_sp = stack.data(), .ss_flags = 0, .ss_size = stack.size()};
  sigaltstack(&own, nullptr);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS}) {
    struct sigaction action{};
    action.sa_handler = &note_crash;
    action.sa_flags = static_cast<int>(SA_ONSTACK | SA_RESETHAND);
    sigaction(signal, &action, nullptr);
  }
}

void wait_for_request(std::atomic<std::uint32_t>& number, std::uint32_t served) noexcept {
  while (number.load(std::memory_order_acquire) == served) {
    syscall(SYS_futex, &number, FUTEX_WAIT, served, nullptr, nullptr, 0);
  }
}

std::string exception_type_name() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  if (type == nullptr) {
    return "an exception of another language";
  }
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(type->name(), nullptr, nullptr, &status),
                                                         &std::free);
  return status == 0 ? name.get() : type->name();
}

class Server {
 public:
  Server(const Segment& segment, int bell) noexcept : segment_(segment), header_(segment.header()), bell_(bell) {}

  void run() noexcept {
    for (std::uint32_t served = 0;;) {
      wait_for_request(header_.request_number, served);
      served = header_.request_number.load(std::memory_order_relaxed);
      const bool last = header_.request_kind == RequestKind::kStop;
      serve();
      // From here on the header is the parent's again: it need not wait for the bell.
      header_.reply_number.store(served, std::memory_order_release);
      const std::uint64_t one = 1;
      if (write(bell_, &one, sizeof(one)) != sizeof(one) || last) {
        return;
      }
    }
  }

 private:
  void serve() noexcept {
    try {
      ServedCall call{.object = object_,
                      .target = header_.target,
                      .request = segment_.request_area().first(header_.request_bytes),
                      .reply = segment_.reply_area()};
      const std::size_t bytes = reinterpret_cast<Dispatcher>(header_.dispatcher)(call);
      header_.reply_kind = ReplyKind::kValue;
      header_.reply_bytes = bytes;
    } catch (const CallRefused& refusal) {
      reply_text(ReplyKind::kRefused, refusal.what());
    } catch (const std::exception& error) {
      reply_text(ReplyKind::kThrew, exception_type_name() + '\0' + error.what());
    } catch (...) {
      reply_text(ReplyKind::kThrew, exception_type_name() + '\0');
    }
  }

  void reply_text(ReplyKind kind, std::string_view text) noexcept {
    const auto area = segment_.reply_area();
    const std::size_t bytes = std::min(text.size(), area.size());
    std::memcpy(area.data(), text.data(), bytes);
    header_.reply_kind = kind;
    header_.reply_bytes = bytes;
  }

  const Segment& segment_;
  SegmentHeader& header_;
  int bell_;
  void* object_{nullptr};
};

}  // namespace

void run_isolated_child(const StartOrder& order, int memory, int bell, pid_t zygote) noexcept {
  die_with(zygote);
  core::set_current_thread_name(order.name.data());
  unblock_signals();
  reset_scheduling();
  if (!order.core_dump) {
    forbid_core_dump();
  }
  const Segment segment(memory, order.area_bytes);
  const int own_bell = keep_only(bell);
  segment.header().process.store(getpid(), std::memory_order_relaxed);
  if (!order.core_dump) {
    note_crashes(segment.header(), own_bell);  // or the parent would not wait for the dump
  }
  Server(segment, own_bell).run();
  std::cout.flush();
  std::fflush(nullptr);
  _exit(0);
}

}  // namespace takt::async::internal
