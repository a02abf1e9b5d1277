#pragma once

#include <array>
#include <atomic>
#include <cstddef>

/// Internal to the bus: how a publish protects what it walks over, and how an unsubscribe waits for it.
///
/// Each thread that publishes owns a slot with one frame per nested publish. A frame names the list of subscribers that
/// the publish walks (so that it is not freed) and the subscriber whose callback runs now (so that unsubscribe can wait
/// for just that callback). Frames are written with plain stores; the rare reader, an unsubscribe, makes them visible
/// with membarrier(2). Where the kernel has none, the stores are sequentially consistent instead.
/// docs/design/0002-publish-is-a-call.md.
namespace takt::bus::internal {

/// A publish may cause another on the same stack this deep; deeper is a cycle of topics.
inline constexpr std::size_t kMaxNestedPublishes = 16;

struct Frame {
  std::atomic<const void*> list{nullptr};
  std::atomic<const void*> subscriber{nullptr};
};

struct ThreadSlot {
  std::array<Frame, kMaxNestedPublishes> frames;
  std::size_t depth{0};  // the owning thread's alone
  std::atomic<bool> taken{false};
  ThreadSlot* next{nullptr};
};

/// True when plain stores suffice because membarrier(2) serves the other side. Constant after the first call.
[[nodiscard]] bool asymmetric_fences() noexcept;

/// The calling thread's slot. Allocates on a thread's first use at most. A thread that is ending and has given its slot
/// back (a publish from the destructor of a thread_local, or of a static on the main thread) takes another, for good.
[[nodiscard]] ThreadSlot& this_thread_slot();

/// Stores `value` so that a load after it is not made before it, as seen by a thread that calls heavy_fence().
inline void store_then_load(std::atomic<const void*>& target, const void* value, bool asymmetric) noexcept {
  if (asymmetric) {
    target.store(value, std::memory_order_release);
    std::atomic_signal_fence(std::memory_order_seq_cst);  // the compiler's half; membarrier is the processor's
  } else {
    target.store(value, std::memory_order_seq_cst);
  }
}

/// Makes every other thread's earlier stores visible to this one, and this one's to them. Ends the process when the
/// kernel, which could do it before, refuses now: no later unsubscribe could be trusted.
void heavy_fence() noexcept;

/// True when some publish of any thread still walks `list`. Call heavy_fence() first.
[[nodiscard]] bool is_walked(const void* list) noexcept;

/// True when the calling thread is inside the callback of `subscriber`.
[[nodiscard]] bool is_inside(const void* subscriber) noexcept;

/// Blocks until no other thread is inside the callback of `subscriber`. Call heavy_fence() first.
void wait_until_left(const void* subscriber) noexcept;

/// One publish: takes a frame of the calling thread's slot. @throws LogicError when nested too deep.
class PublishGuard {
 public:
  PublishGuard() : slot_(this_thread_slot()), asymmetric_(asymmetric_fences()), frame_(enter(slot_)) {}
  ~PublishGuard() {
    frame_.subscriber.store(nullptr, std::memory_order_release);
    frame_.list.store(nullptr, std::memory_order_release);
    --slot_.depth;
  }
  PublishGuard(const PublishGuard&) = delete;
  PublishGuard& operator=(const PublishGuard&) = delete;

  /// The list that `source` holds now; it is not freed while this guard lives.
  template <class List>
  [[nodiscard]] const List* protect(const std::atomic<const List*>& source) noexcept {
    const List* list = source.load(std::memory_order_acquire);
    for (;;) {
      store_then_load(frame_.list, list, asymmetric_);
      const List* again = source.load(std::memory_order_seq_cst);
      if (again == list) {
        return list;
      }
      list = again;
    }
  }

  /// Announces that the callback of `subscriber` is about to run. Check afterwards that it is still alive.
  void enter_callback(const void* subscriber) noexcept { store_then_load(frame_.subscriber, subscriber, asymmetric_); }

 private:
  static Frame& enter(ThreadSlot& slot);

  ThreadSlot& slot_;
  bool asymmetric_;
  Frame& frame_;
};

}  // namespace takt::bus::internal
