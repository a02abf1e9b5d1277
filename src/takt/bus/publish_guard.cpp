#include "takt/bus/publish_guard.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "takt/core/error.hpp"

#if defined(__SANITIZE_THREAD__)
#define TAKT_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TAKT_THREAD_SANITIZER 1
#endif
#endif

namespace takt::bus::internal {
namespace {

// Slots are never freed, only handed from a finished thread to a new one: an unsubscribe may walk the list at any time.
std::atomic<ThreadSlot*> all_slots{nullptr};

long membarrier(int command) noexcept {
  return syscall(SYS_membarrier, command, 0, 0);
}

ThreadSlot* reuse_slot() noexcept {
  for (ThreadSlot* slot = all_slots.load(std::memory_order_acquire); slot != nullptr; slot = slot->next) {
    bool free = false;
    if (slot->taken.compare_exchange_strong(free, true, std::memory_order_acq_rel)) {
      return slot;
    }
  }
  return nullptr;
}

ThreadSlot* make_slot() {
  auto* slot = new ThreadSlot;  // owned by the list, for the life of the process
  slot->taken.store(true, std::memory_order_relaxed);
  slot->next = all_slots.load(std::memory_order_relaxed);
  while (!all_slots.compare_exchange_weak(slot->next, slot, std::memory_order_acq_rel)) {
  }
  return slot;
}

/// Gives the slot back when its thread ends.
struct SlotLease {
  ThreadSlot* slot;
  SlotLease() : slot(reuse_slot()) {
    if (slot == nullptr) {
      slot = make_slot();
    }
  }
  ~SlotLease() { slot->taken.store(false, std::memory_order_release); }
  SlotLease(const SlotLease&) = delete;
  SlotLease& operator=(const SlotLease&) = delete;
};

}  // namespace

bool asymmetric_fences() noexcept {
#ifdef TAKT_THREAD_SANITIZER
  return false;  // the sanitizer follows atomics, not membarrier
#else
  static const bool registered = membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0;
  return registered;
#endif
}

ThreadSlot& this_thread_slot() {
  thread_local ThreadSlot* cached = nullptr;
  if (cached == nullptr) {
    thread_local const SlotLease lease;
    cached = lease.slot;
  }
  return *cached;
}

void heavy_fence() noexcept {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (asymmetric_fences()) {
    membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
  }
}

bool is_walked(const void* list) noexcept {
  for (ThreadSlot* slot = all_slots.load(std::memory_order_acquire); slot != nullptr; slot = slot->next) {
    const bool walked = std::ranges::any_of(
        slot->frames, [list](const Frame& frame) { return frame.list.load(std::memory_order_seq_cst) == list; });
    if (walked) {
      return true;
    }
  }
  return false;
}

bool is_inside(const void* subscriber) noexcept {
  const ThreadSlot& slot = this_thread_slot();
  return std::any_of(
      slot.frames.begin(), slot.frames.begin() + static_cast<std::ptrdiff_t>(slot.depth),
      [subscriber](const Frame& frame) { return frame.subscriber.load(std::memory_order_relaxed) == subscriber; });
}

void wait_until_left(const void* subscriber) noexcept {
  using namespace std::chrono_literals;
  const ThreadSlot& own = this_thread_slot();
  for (ThreadSlot* slot = all_slots.load(std::memory_order_acquire); slot != nullptr; slot = slot->next) {
    if (slot == &own) {
      continue;
    }
    for (const Frame& frame : slot->frames) {
      for (int spins = 0; frame.subscriber.load(std::memory_order_seq_cst) == subscriber; ++spins) {
        spins < 100 ? std::this_thread::yield() : std::this_thread::sleep_for(50us);
      }
    }
  }
}

Frame& PublishGuard::enter(ThreadSlot& slot) {
  if (slot.depth == kMaxNestedPublishes) {
    throw LogicError("publish nested " + std::to_string(kMaxNestedPublishes) + " deep: the topics form a cycle");
  }
  return slot.frames[slot.depth++];
}

}  // namespace takt::bus::internal
