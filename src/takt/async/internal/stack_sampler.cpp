#include "takt/async/internal/stack_sampler.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <string>

#include <execinfo.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

// A sampler owns one Request of a static table. The table is never freed, so a signal that arrives after its sampler
// has gone still finds memory to look at. One word holds the thread that is asked and how far the request is:
//
//            sample()                handler on that thread           handler
//    idle ─────────────► requested ────────────────────────► writing ─────────► answered ──► (next sample) requested
//      ▲                     │
//      └─────────────────────┘  patience ran out
//
// Whoever moves the word out of `requested` (compare-exchange) decides: the handler, which may then write, or sample(),
// which may then leave. A late signal finds another phase or another thread in the word and does nothing.
//
// Why the handler may unwind: glibc's backtrace() loads libgcc on its first call only (made by install()), and from
// then on walks the stack with _Unwind_Backtrace, which finds unwind tables by _dl_find_object: lock-free and
// async-signal-safe (glibc 2.35 and newer with libgcc 12 and newer; every supported system has them). The exception are
// frames registered at run time by a just-in-time compiler, which libgcc 12 looks up under a lock; GCC 13's has none.

namespace takt::async {
namespace {

enum class Phase : std::uint32_t { kIdle, kRequested, kWriting, kAnswered };

constexpr std::uint64_t state_of(std::uint32_t thread_id, Phase phase) {
  return (std::uint64_t{thread_id} << 32) | static_cast<std::uint64_t>(phase);
}

std::uint32_t own_thread_id() noexcept {
  return static_cast<std::uint32_t>(::syscall(SYS_gettid));
}

/// Where the thread was when the signal came; 0 on a machine that is not known here.
std::uintptr_t interrupted_address(const void* context) noexcept {
  [[maybe_unused]] const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return static_cast<std::uintptr_t>(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return machine.pc;
#else
  return 0;
#endif
}

constexpr std::size_t kOwnFrames = 8;  // at most: handler, signal trampoline, a sanitizer's wrapper

}  // namespace

struct StackSampler::Request {
  std::atomic<bool> taken{false};
  std::atomic<std::uint64_t> state{0};
  std::atomic<bool> queued{false};  // a signal is on its way; a thread that blocks it must not collect more of them
  sem_t answered{};                 // posted after the state said so; may be posted once too often, never too rarely
  // Written while idle, read while writing:
  std::uint32_t thread_id{0};
  Visitor visitor{nullptr};
  void* context{nullptr};
  // Written while writing, read while answered:
  std::array<void*, kMaxFrames + kOwnFrames> addresses{};
  std::size_t count{0};
  std::uintptr_t interrupted{0};

  static Request& take();
  [[nodiscard]] bool send() const noexcept;
  [[nodiscard]] bool thread_lives() const noexcept;
  void answer(std::uint32_t here, const void* machine) noexcept;
  bool wait_answered(const timespec* deadline) noexcept;
  static void on_signal(int number, siginfo_t* info, void* machine) noexcept;
  static void install();
  static std::array<Request, kMaxSamplers> table;
};

std::array<StackSampler::Request, StackSampler::kMaxSamplers> StackSampler::Request::table{};

/// No SA_ONSTACK: tasks are stackless, so a loop's thread has its whole stack to spare, while alternate stacks are
/// often 8 KiB, which the kernel's AVX-512 frame and an unwinding outgrow.
void StackSampler::Request::install() {
  struct sigaction present{};
  const int number = StackSampler::signal();
  if (sigaction(number, nullptr, &present) != 0 || present.sa_handler != SIG_DFL) {
    throw SystemError("StackSampler: something else in this process handles signal " + std::to_string(number) +
                          " (SIGRTMIN + 8), which takt needs to take call stacks",
                      EBUSY);
  }
  std::array<void*, 1> first{};
  backtrace(first.data(), static_cast<int>(first.size()));  // loads libgcc here, not in the handler
  for (Request& request : table) {
    sem_init(&request.answered, 0, 0);
  }
  struct sigaction action{};
  action.sa_sigaction = &on_signal;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigemptyset(&action.sa_mask);
  if (sigaction(number, &action, nullptr) != 0) {
    throw SystemError("StackSampler: signal " + std::to_string(number) + " cannot be handled", errno);
  }
}

StackSampler::Request& StackSampler::Request::take() {
  [[maybe_unused]] static const bool kInstalled = (install(), true);
  for (Request& request : table) {
    if (!request.taken.exchange(true, std::memory_order_acquire)) {
      return request;
    }
  }
  throw LogicError("StackSampler: " + std::to_string(kMaxSamplers) + " are alive, there cannot be more");
}

bool StackSampler::Request::send() const noexcept {
  return ::syscall(SYS_tgkill, getpid(), thread_id, StackSampler::signal()) == 0;
}

bool StackSampler::Request::thread_lives() const noexcept {
  return ::syscall(SYS_tgkill, getpid(), thread_id, 0) == 0 || errno != ESRCH;
}

/// Answers whoever asks this thread, so a signal need not say whose it is: one may serve several samplers, one may find
/// nothing to do, and one that somebody else sends does no harm.
void StackSampler::Request::on_signal(int /*number*/, siginfo_t* /*info*/, void* machine) noexcept {
  const int saved_errno = errno;
  const std::uint32_t here = own_thread_id();
  for (Request& request : table) {
    if (request.state.load(std::memory_order_acquire) >> 32 == here) {
      request.answer(here, machine);
    }
  }
  errno = saved_errno;
}

void StackSampler::Request::answer(std::uint32_t here, const void* machine) noexcept {
  // Before the phase is looked at: who found `queued` set and sent nothing has his request seen by this very signal.
  queued.exchange(false, std::memory_order_acq_rel);
  std::uint64_t expected = state_of(here, Phase::kRequested);
  if (!state.compare_exchange_strong(expected, state_of(here, Phase::kWriting), std::memory_order_acq_rel)) {
    return;
  }
  if (visitor != nullptr) {
    visitor(context);
  }
  count = static_cast<std::size_t>(std::max(0, backtrace(addresses.data(), static_cast<int>(addresses.size()))));
  interrupted = interrupted_address(machine);
  state.store(state_of(here, Phase::kAnswered), std::memory_order_release);
  sem_post(&answered);
}

/// False when the deadline passed first; none: waits as long as it takes.
bool StackSampler::Request::wait_answered(const timespec* deadline) noexcept {
  while (state.load(std::memory_order_acquire) != state_of(thread_id, Phase::kAnswered)) {
    const int result = deadline == nullptr ? sem_wait(&answered) : sem_clockwait(&answered, CLOCK_MONOTONIC, deadline);
    if (result != 0 && errno != EINTR) {
      return state.load(std::memory_order_acquire) == state_of(thread_id, Phase::kAnswered);
    }
  }
  return true;
}

int StackSampler::signal() noexcept {
  return SIGRTMIN + 8;
}

StackSampler::StackSampler(std::uint32_t thread_id, Visitor visitor, void* context) : request_(Request::take()) {
  request_.thread_id = thread_id;
  request_.visitor = visitor;
  request_.context = context;
  request_.queued.store(false, std::memory_order_relaxed);
  request_.state.store(state_of(thread_id, Phase::kIdle), std::memory_order_relaxed);
}

StackSampler::~StackSampler() {
  request_.state.store(state_of(0, Phase::kIdle), std::memory_order_relaxed);
  request_.taken.store(false, std::memory_order_release);
}

namespace {

timespec after(std::chrono::nanoseconds patience) noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const auto when = std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec) + patience;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(when);
  return {.tv_sec = seconds.count(), .tv_nsec = (when - seconds).count()};
}

}  // namespace

Expected<std::span<const std::uintptr_t>, NoSample> StackSampler::sample(std::chrono::nanoseconds patience) {
  Request& request = request_;
  request.state.store(state_of(request.thread_id, Phase::kRequested), std::memory_order_release);
  const bool on_its_way = request.queued.exchange(true, std::memory_order_acq_rel) || request.send();
  if (!on_its_way) {
    request.queued.store(false, std::memory_order_relaxed);
  }
  const timespec deadline = after(on_its_way ? patience : std::chrono::nanoseconds(0));
  if (!request.wait_answered(&deadline)) {
    std::uint64_t expected = state_of(request.thread_id, Phase::kRequested);
    const std::uint64_t idle = state_of(request.thread_id, Phase::kIdle);
    if (request.state.compare_exchange_strong(expected, idle, std::memory_order_acq_rel)) {
      return Unexpected<NoSample>(request.thread_lives() ? NoSample::kNoAnswer : NoSample::kThreadEnded);
    }
    request.wait_answered(nullptr);  // begun: done in microseconds of that thread's time
  }
  return answer_of(request);
}

/// The handler and the trampoline are on top of what was interrupted. Where that is not among them (the unwinder lost
/// its way, or a sanitizer has put the signal off), the interrupted instruction takes the handler's place.
std::span<const std::uintptr_t> StackSampler::answer_of(const Request& request) noexcept {
  const std::span addresses = std::span(request.addresses).first(request.count);
  const auto own = addresses.first(std::min(addresses.size(), kOwnFrames));
  const auto at = std::ranges::find(own, reinterpret_cast<void*>(request.interrupted));
  const std::span stack = addresses.subspan(at == own.end() ? 0 : static_cast<std::size_t>(at - own.begin()));
  std::size_t size = std::min(stack.size(), kMaxFrames);
  std::ranges::transform(stack.first(size), frames_.begin(),
                         [](void* address) { return reinterpret_cast<std::uintptr_t>(address); });
  if (request.interrupted != 0) {
    frames_[0] = request.interrupted;
    size = std::max(size, std::size_t{1});
  }
  return std::span(frames_).first(size);
}

}  // namespace takt::async
