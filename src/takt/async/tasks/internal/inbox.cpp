#include "takt/async/tasks/internal/inbox.hpp"

#include <cerrno>

#include <sys/eventfd.h>
#include <unistd.h>

#include "takt/core/error.hpp"

namespace takt::async::internal {

Inbox::Inbox() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (descriptor_ < 0) {
    throw SystemError("the event loop needs an eventfd", errno);
  }
}

Inbox::~Inbox() {
  close(descriptor_);
}

void Inbox::push(InboxNode& node) noexcept {
  InboxNode* head = head_.load(std::memory_order_relaxed);
  do {
    node.next_ = head == asleep() ? nullptr : head;
    // release: the loop sees what was written before the push. acquire is not needed: nothing of the old head is read.
  } while (!head_.compare_exchange_weak(head, &node, std::memory_order_release, std::memory_order_relaxed));
  if (head == asleep()) {
    wake();
  }
}

void Inbox::wake() noexcept {
  const int error_number = errno;  // of the code that a signal interrupted
  const std::uint64_t one = 1;
  // The counter cannot overflow: that takes 2^64 wake-ups. Nothing else can fail.
  static_cast<void>(!write(descriptor_, &one, sizeof(one)));
  errno = error_number;
}

bool Inbox::deliver_all() noexcept {
  if (head_.load(std::memory_order_relaxed) == nullptr) {
    return false;
  }
  InboxNode* newest = head_.exchange(nullptr, std::memory_order_acquire);
  if (newest == asleep()) {
    return false;
  }
  InboxNode* oldest = nullptr;
  while (newest != nullptr) {
    InboxNode* next = newest->next_;
    newest->next_ = oldest;
    oldest = newest;
    newest = next;
  }
  while (oldest != nullptr) {
    InboxNode* next = oldest->next_;  // deliver() may end the node's life
    oldest->deliver();
    oldest = next;
  }
  return true;
}

bool Inbox::try_sleep() noexcept {
  InboxNode* empty = nullptr;
  return head_.compare_exchange_strong(empty, asleep(), std::memory_order_relaxed);
}

}  // namespace takt::async::internal
