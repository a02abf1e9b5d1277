#include "takt/bus/publish_guard.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>
#include <utility>

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/core/sanitizers.hpp"

namespace takt::bus::internal {
namespace {

// Slots are never freed, only handed from a finished thread to a new one: an unsubscribe may walk the list at any time.
std::atomic<ThreadSlot*> all_slots{nullptr};

long membarrier(int command) noexcept {
  return syscall(SYS_membarrier, command, 0, 0);
}

[[noreturn]] void refuse_to_go_on() noexcept {
  std::fputs("takt bus: membarrier(2) worked before and fails now; publishes cannot be told apart any more\n", stderr);
  std::terminate();
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
  // In one order with the frames: who walks the slots after changing a list sees every slot that has the old one.
  while (!all_slots.compare_exchange_weak(slot->next, slot, std::memory_order_seq_cst)) {
  }
  return slot;
}

ThreadSlot* take_slot() {
  ThreadSlot* slot = reuse_slot();
  return slot != nullptr ? slot : make_slot();
}

// Without destructors of their own, so valid until the thread's very last instruction.
thread_local ThreadSlot* current_slot = nullptr;
thread_local bool lease_ended = false;

/// Gives the slot back when its thread ends.
struct SlotLease {
  SlotLease() { current_slot = take_slot(); }
  ~SlotLease() {
    lease_ended = true;
    std::exchange(current_slot, nullptr)->taken.store(false, std::memory_order_release);
  }
  SlotLease(const SlotLease&) = delete;
  SlotLease& operator=(const SlotLease&) = delete;
};

}  // namespace

bool asymmetric_fences() noexcept {
#if TAKT_THREAD_SANITIZER
  return false;  // the sanitizer follows atomics, not membarrier
#else
  static const bool works =
      membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0 && membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0;
  return works;
#endif
}

ThreadSlot& this_thread_slot() {
  if (current_slot == nullptr && lease_ended) {
    current_slot = take_slot();
  } else if (current_slot == nullptr) {
    thread_local const SlotLease lease;
  }
  return *current_slot;
}

void heavy_fence() noexcept {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (asymmetric_fences() && membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0 &&
      membarrier(MEMBARRIER_CMD_GLOBAL) != 0) {
    refuse_to_go_on();
  }
}

bool is_walked(const void* list) noexcept {
  for (ThreadSlot* slot = all_slots.load(std::memory_order_seq_cst); slot != nullptr; slot = slot->next) {
    const bool walked = std::ranges::any_of(
        slot->frames, [list](const Frame& frame) { return frame.list.load(std::memory_order_seq_cst) == list; });
    if (walked) {
      return true;
    }
  }
  return false;
}

bool is_inside(const void* subscriber) noexcept {
  if (current_slot == nullptr) {  // never published
    return false;
  }
  const ThreadSlot& slot = *current_slot;
  return std::any_of(
      slot.frames.begin(), slot.frames.begin() + static_cast<std::ptrdiff_t>(slot.depth),
      [subscriber](const Frame& frame) { return frame.subscriber.load(std::memory_order_relaxed) == subscriber; });
}

void wait_until_left(const void* subscriber) noexcept {
  using namespace std::chrono_literals;
  for (ThreadSlot* slot = all_slots.load(std::memory_order_seq_cst); slot != nullptr; slot = slot->next) {
    if (slot == current_slot) {
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
