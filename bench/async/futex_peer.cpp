#include "futex_peer.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <vector>

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "takt/core/error.hpp"

#include "placement.hpp"

namespace takt::bench {
namespace {

using Payload = std::array<unsigned char, FutexPeer::kLargestPayload>;
using Word = std::atomic<std::uint32_t>;
static_assert(Word::is_always_lock_free && sizeof(Word) == sizeof(std::uint32_t));

/// Counts calls. The other side sleeps on it, in another process: not FUTEX_PRIVATE.
void announce(Word& word, std::uint32_t call) {
  word.store(call, std::memory_order_release);
  syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

void await(Word& word, std::uint32_t call) {
  for (std::uint32_t seen = 0; (seen = word.load(std::memory_order_acquire)) != call;) {
    syscall(SYS_futex, &word, FUTEX_WAIT, seen, nullptr, nullptr, 0);
  }
}

}  // namespace

struct FutexPeer::Segment {
  alignas(64) Word requests{0};
  alignas(64) Word replies{0};
  std::size_t request_bytes{0};
  std::size_t reply_bytes{0};
  alignas(64) Payload request{};
  alignas(64) Payload reply{};

  [[noreturn]] void answer_for_ever();
};

void FutexPeer::Segment::answer_for_ever() {
  static Payload own{};
  for (std::uint32_t call = 1;; ++call) {
    await(requests, call);
    std::memcpy(own.data(), request.data(), request_bytes);
    std::memcpy(reply.data(), own.data(), reply_bytes);
    announce(replies, call);
  }
}

FutexPeer::FutexPeer() {
  void* const memory = mmap(nullptr, sizeof(Segment), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    throw SystemError("cannot map a shared segment", errno);
  }
  segment_ = new (memory) Segment;
  const pid_t parent = getpid();
  child_ = fork();
  if (child_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
      _exit(1);
    }
    const FifoOn placed(working_cpu());
    segment_->answer_for_ever();
  }
  if (child_ < 0) {
    munmap(memory, sizeof(Segment));
    throw SystemError("cannot fork", errno);
  }
}

FutexPeer::~FutexPeer() {
  kill(child_, SIGKILL);
  waitpid(child_, nullptr, 0);
  munmap(segment_, sizeof(Segment));
}

void FutexPeer::ask(std::size_t request_bytes, std::size_t reply_bytes) {
  static Payload own{};
  std::memcpy(segment_->request.data(), own.data(), request_bytes);
  const std::uint32_t call = segment_->requests.load(std::memory_order_relaxed) + 1;
  announce(segment_->requests, call);
  await(segment_->replies, call);
  std::memcpy(own.data(), segment_->reply.data(), reply_bytes);
  own[0] = static_cast<unsigned char>(call);  // what comes back next was sent now
}

Latency FutexPeer::round_trips(int count, std::size_t request_bytes, std::size_t reply_bytes) {
  if (request_bytes > kLargestPayload || reply_bytes > kLargestPayload) {
    throw LogicError("FutexPeer: a payload is too large");
  }
  const FifoOn placed(asking_cpu());
  segment_->request_bytes = request_bytes;
  segment_->reply_bytes = reply_bytes;
  std::vector<double> round_trips_us;
  round_trips_us.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    round_trips_us.push_back(batch_ns(1, [&] { ask(request_bytes, reply_bytes); }) * 1e-3);
  }
  return latency_of(round_trips_us);
}

}  // namespace takt::bench
