#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace takt::realtime {

/// Gives heap objects to a real-time thread and takes them back to be freed, so that it neither allocates nor frees nor
/// waits: a new control law, a model with another payload.
///
/// offer and reclaim: any thread but the real-time one, also several at once. take and retire: the real-time thread.
///
/// Each object travels in a node that is allocated with the offer. take keeps the node for the way back, so there is
/// always one when an object is retired, in whatever order and however many are held: nothing is sized, nothing can
/// be full.
template <class T>
class Handover {
 public:
  Handover() = default;

  /// Frees what is offered and what came back. What the real-time side still holds stays its own: it retires all,
  /// and has ended, before.
  ~Handover() {
    delete offered_.load(std::memory_order_acquire);
    free_all(retired_.load(std::memory_order_acquire));
    free_all(empty_);
  }
  Handover(const Handover&) = delete;
  Handover& operator=(const Handover&) = delete;

  /// Offers an object in place of one that was not taken yet, which is freed, as is what came back; null withdraws the
  /// offer. @throws std::bad_alloc, and the offer stands as before.
  void offer(std::unique_ptr<T> object) {
    reclaim();
    auto node = object != nullptr ? std::make_unique<Node>(std::move(object), nullptr) : nullptr;
    delete offered_.exchange(node.release(), std::memory_order_acq_rel);
  }

  /// Frees what came back. offer does it, too; call it where no offer follows for long.
  void reclaim() noexcept { free_all(retired_.exchange(nullptr, std::memory_order_acquire)); }

  /// The newest offer, the caller's from now on until it is retired; null when there is none. Real-time safe,
  /// wait-free.
  [[nodiscard]] T* take() noexcept {
    if (offered_.load(std::memory_order_relaxed) == nullptr) {
      return nullptr;
    }
    Node* node = offered_.exchange(nullptr, std::memory_order_acquire);
    if (node == nullptr) {
      return nullptr;  // withdrawn meanwhile
    }
    node->next = empty_;
    empty_ = node;
    return node->object.release();
  }

  /// Gives back what was taken; another thread frees it. Null does nothing. Real-time safe, wait-free.
  /// @pre `object` came from take of this handover and was not retired yet.
  void retire(T* object) noexcept {
    if (object == nullptr || empty_ == nullptr) {
      return;
    }
    Node* node = std::exchange(empty_, empty_->next);
    node->object.reset(object);
    node->next = retired_.load(std::memory_order_relaxed);
    // Others only ever take all, so this fails at most once, and finds null then.
    while (!retired_.compare_exchange_strong(node->next, node, std::memory_order_release, std::memory_order_relaxed)) {
    }
  }

 private:
  struct Node {
    std::unique_ptr<T> object;
    Node* next;
  };

  static void free_all(Node* node) noexcept {
    while (node != nullptr) {
      delete std::exchange(node, node->next);
    }
  }

  std::atomic<Node*> offered_{nullptr};
  std::atomic<Node*> retired_{nullptr};  // a list: pushed by the real-time thread, emptied by the others
  Node* empty_{nullptr};                 // the real-time thread's: one node for each object it holds
};

}  // namespace takt::realtime
