#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "takt/async/tasks/internal/inbox.hpp"
#include "takt/async/tasks/internal/outside_wait.hpp"
#include "takt/async/tasks/internal/task_name.hpp"
#include "takt/async/tasks/wait_queue.hpp"

namespace takt::async {

/// The way into a loop from another thread: any thread rings, a task waits for it.
///
///   Doorbell frame_ready("frame");                      // made in a task
///   camera.on_frame = [&] { slot.store(…); frame_ready.ring(); };
///   while (true) { co_await frame_ready; use(slot.load()); }
///
/// Rings coalesce: several before the task runs are one. It carries no data; put that in a mailbox of its own. Within
/// one loop use Event. A control cycle stores into its mailbox and does not ring: the loop samples it.
///
/// A resource that belongs to the loop it was made in. ring() from any thread, while it lives.
class Doorbell {
 public:
  /// @throws LogicError outside of a task
  explicit Doorbell(std::string_view name = {});
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;
  /// Loop thread; nobody may ring any more.
  ~Doorbell();

  /// Any thread. Never blocks or allocates: a few atomic operations, and one write(2) when the loop sleeps.
  void ring() noexcept;

  class Waiter;
  /// Waits for a ring since the last wait ended. Several waiters: the one that waits longest takes it. Cancellation:
  /// Cancelled, and no ring is lost.
  /// @throws LogicError in another loop than its own
  [[nodiscard]] Waiter wait() noexcept;
  [[nodiscard]] Waiter operator co_await() noexcept;

 private:
  class Message final : public internal::InboxNode {
   public:
    explicit Message(Doorbell& bell) noexcept : bell_(bell) {}
    void deliver() noexcept override { bell_.answer(); }

   private:
    Doorbell& bell_;
  };

  void answer() noexcept;

  std::shared_ptr<internal::Inbox> inbox_;
  Message message_{*this};
  std::atomic<bool> in_inbox_{false};
  bool rung_{false};
  TaskName name_;
  WaitQueue<Waiter> waiters_;
};

class Doorbell::Waiter final : public QueuedAwaitable<Doorbell::Waiter> {
 public:
  explicit Waiter(Doorbell& bell) noexcept : bell_(&bell) {}
  [[nodiscard]] bool try_complete();
  void arm();
  void result() noexcept;
  [[nodiscard]] std::string describe() const override;

 private:
  friend class Doorbell;
  bool withdraw() noexcept override;

  Doorbell* bell_;
  internal::OutsideWait outside_;
};

inline Doorbell::Waiter Doorbell::wait() noexcept {
  return Waiter(*this);
}
inline Doorbell::Waiter Doorbell::operator co_await() noexcept {
  return wait();
}

}  // namespace takt::async
