#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>

/// Internal to controller.
namespace takt::controller::internal {

/// A value that one thread replaces now and then and any number of threads read in place, for as long as they like: a
/// model with its tool, read by every set(). Readers never wait and never copy; replacing waits for readers of the
/// value before the last one, which is why it can be tried and says so.
///
/// There are two slots: the present value, and the one before. A reader counts itself into the present slot and looks
/// whether it still is the present one; if not, it counts itself out and takes the other. The writer fills the slot
/// that is not present, once nobody is counted there, and then makes it the present one. All of it is sequentially
/// consistent: a reader that the writer did not see in the old slot sees the slot that the writer made present.
template <class T>
class Snapshot {
 public:
  explicit Snapshot(T value) { slots_[0].emplace(std::move(value)); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  /// The value, for as long as this lives.
  class Reader {
   public:
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() { count_.fetch_sub(1); }
    [[nodiscard]] const T& operator*() const noexcept { return value_; }
    [[nodiscard]] const T* operator->() const noexcept { return &value_; }

   private:
    friend class Snapshot;
    Reader(const T& value, std::atomic<std::uint32_t>& count) noexcept : value_(value), count_(count) {}
    const T& value_;
    std::atomic<std::uint32_t>& count_;
  };

  /// Any thread. Tries again only when the value was replaced meanwhile.
  [[nodiscard]] Reader read() const noexcept {
    while (true) {
      const std::size_t slot = present_.load();
      readers_[slot].fetch_add(1);
      if (present_.load() == slot) {
        return Reader(*slots_[slot], readers_[slot]);
      }
      readers_[slot].fetch_sub(1);
    }
  }

  /// Takes the value, which is moved from then. One thread. False, and `value` is untouched, while somebody still reads
  /// the value before the present one.
  [[nodiscard]] bool try_replace(T& value) {
    const std::size_t spare = 1 - present_.load();
    if (readers_[spare].load() != 0) {
      return false;
    }
    slots_[spare].emplace(std::move(value));
    present_.store(spare);
    return true;
  }

 private:
  std::array<std::optional<T>, 2> slots_;
  std::atomic<std::size_t> present_{0};
  mutable std::array<std::atomic<std::uint32_t>, 2> readers_{};
};

}  // namespace takt::controller::internal
