#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace takt::bench {

/// The least that publish/subscribe can cost: a list of functions behind one atomic pointer, and two counters, of the
/// publishes that began and that ended, so that a change knows when nobody walks the old list any more. One publishing
/// thread, no retained value, no nesting, no unsubscribe, no exceptions. The baseline of the bus.
template <class T>
class RcuList {
 public:
  using Function = std::move_only_function<void(const T&)>;

  RcuList() : current_(new List) { syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0); }
  ~RcuList() { delete current_.load(); }
  RcuList(const RcuList&) = delete;
  RcuList& operator=(const RcuList&) = delete;

  void publish(const T& message) {
    began_.store(began_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);  // the compiler's half of the fence in wait_for_publish
    const List* list = current_.load(std::memory_order_acquire);
    for (const auto& function : *list) {
      (*function)(message);
    }
    ended_.store(ended_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  /// One thread at a time; not from a callback.
  void subscribe(Function function) {
    auto next = std::make_unique<List>(*current_.load(std::memory_order_relaxed));
    next->push_back(std::make_shared<Function>(std::move(function)));
    const std::unique_ptr<const List> old(current_.exchange(next.release(), std::memory_order_seq_cst));
    wait_for_publish();
  }

 private:
  using List = std::vector<std::shared_ptr<Function>>;

  void wait_for_publish() const {
    syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
    const std::uint64_t began = began_.load(std::memory_order_acquire);
    while (ended_.load(std::memory_order_acquire) < began) {
      std::this_thread::yield();
    }
  }

  alignas(64) std::atomic<std::uint64_t> began_{0};
  std::atomic<std::uint64_t> ended_{0};
  std::atomic<const List*> current_;
};

}  // namespace takt::bench
