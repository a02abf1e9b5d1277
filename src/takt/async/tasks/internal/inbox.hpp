#pragma once

#include <atomic>
#include <cstdint>

/// Internal to async.
namespace takt::async::internal {

/// Something that another thread hands to a loop. Intrusive: it may be in one inbox once at a time.
class InboxNode {
 public:
  InboxNode() = default;
  InboxNode(const InboxNode&) = delete;
  InboxNode& operator=(const InboxNode&) = delete;

  /// Called on the loop's thread; the node may be pushed again, or destroyed, from then on.
  virtual void deliver() noexcept = 0;

 protected:
  ~InboxNode() = default;

 private:
  friend class Inbox;
  InboxNode* next_{nullptr};
};

/// The way from other threads into a loop: a lock-free stack that the loop empties as a whole. The loop marks it when
/// it goes to sleep, so that only a push that finds the mark pays for a wake-up. Shared by the loop and whoever may
/// push, so that it outlives the loop.
class Inbox {
 public:
  /// @throws SystemError when there is no eventfd.
  Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;
  ~Inbox();

  /// Any thread; never blocks; real-time safe but for one write(2) when the loop sleeps.
  void push(InboxNode& node) noexcept;
  /// Wakes the loop and hands it nothing. Any thread, and signal handlers.
  void wake() noexcept;

  /// Delivers what is there, oldest first. Loop thread. @return whether there was any.
  bool deliver_all() noexcept;
  /// Loop thread, before it sleeps. False: there is something, do not sleep.
  [[nodiscard]] bool try_sleep() noexcept;

  /// Becomes readable with a push that finds the loop asleep. Meant for epoll's EPOLLET: it is never read.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  [[nodiscard]] static InboxNode* asleep() noexcept { return reinterpret_cast<InboxNode*>(std::uintptr_t{1}); }

  std::atomic<InboxNode*> head_{nullptr};
  int descriptor_;
};

}  // namespace takt::async::internal
