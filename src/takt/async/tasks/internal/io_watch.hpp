#pragma once

#include <cstdint>

#include "takt/async/tasks/internal/intrusive_list.hpp"

/// Internal to async and its adapters.
namespace takt::async::internal {

struct LoopState;
struct InWatches;

/// A file descriptor that a loop watches with epoll. Loop thread only. A loop that ends first ends the watch.
class IoWatch : public ListLink<InWatches> {
 public:
  /// @param events  of epoll(7). The descriptor stays the caller's, who keeps it open as long as the watch lives. When
  /// it
  ///   is watched already, a duplicate is watched.
  /// @throws SystemError naming the descriptor. Regular files cannot be watched: see try_watch.
  void watch(int descriptor, std::uint32_t events);
  /// False for what epoll cannot watch since it is always ready: regular files, /dev/null.
  [[nodiscard]] bool try_watch(int descriptor, std::uint32_t events);
  void unwatch() noexcept;
  [[nodiscard]] bool watching() const noexcept { return descriptor_ >= 0; }

  /// Called by the loop with the events that came.
  virtual void ready(std::uint32_t events) noexcept = 0;

  IoWatch() = default;
  IoWatch(const IoWatch&) = delete;
  IoWatch& operator=(const IoWatch&) = delete;

 protected:
  ~IoWatch() { unwatch(); }

 private:
  friend struct LoopState;
  /// The descriptor is not the loop's any more.
  void forget() noexcept;

  LoopState* loop_{nullptr};
  int descriptor_{-1};
  bool duplicate_{false};
};

}  // namespace takt::async::internal
