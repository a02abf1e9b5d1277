#pragma once

#include <utility>

#include "takt/async/tasks/internal/intrusive_list.hpp"
#include "takt/async/tasks/wait.hpp"

namespace takt::async {

namespace internal {
struct InQueue;
}

template <class W>
class WaitQueue;

/// An awaitable that waits in a WaitQueue. Derived has what Awaitable asks for, but for withdraw(); one that has more
/// to undo overrides it and calls this one.
template <class Derived>
class QueuedAwaitable : public Awaitable<Derived>, private internal::ListLink<internal::InQueue> {
 protected:
  QueuedAwaitable() = default;
  ~QueuedAwaitable() = default;
  QueuedAwaitable(QueuedAwaitable&& idle) noexcept : Awaitable<Derived>(std::move(idle)) {}

  bool withdraw() noexcept override {
    this->unlink();
    return true;
  }

 private:
  friend class WaitQueue<Derived>;
  template <class T, class Tag>
  friend class internal::List;
};

/// Tasks that wait for the same thing, first come first served: what every primitive is built on. W derives from
/// QueuedAwaitable<W>. A waiter whose scope is cancelled leaves by itself. When the queue is destroyed, those who still
/// wait get a LogicError. Loop thread only.
template <class W>
class WaitQueue {
 public:
  WaitQueue() = default;
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;
  ~WaitQueue() {
    waiting_.for_each([](W& waiter) {
      waiter.unlink();
      waiter.fail();
    });
  }

  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }
  /// Who waits longest. @pre !empty()
  [[nodiscard]] W& front() const noexcept { return waiting_.front(); }
  void push(W& waiter) noexcept { waiting_.push_back(waiter); }

  /// Ends the wait of that waiter of this queue.
  void wake(W& waiter) noexcept {
    waiter.unlink();
    waiter.complete();
  }
  void wake_all() noexcept {
    waiting_.for_each([this](W& waiter) { wake(waiter); });
  }

 private:
  internal::List<W, internal::InQueue> waiting_;
};

}  // namespace takt::async
