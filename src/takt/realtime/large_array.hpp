#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>

namespace takt::realtime {

/// Asks the kernel to back these whole pages with huge ones (2 MiB on x86-64), now, before they are touched. It may
/// have none, or be told never to (/sys/kernel/mm/transparent_hugepage/enabled): then they stay small.
void advise_huge_pages(void* memory, std::size_t bytes) noexcept;

/// An array of fixed size that a real-time thread walks through, each part touched once in a while: in huge pages where
/// the kernel grants them. What was not touched for long costs a walk of the page tables per page, and on a virtual
/// machine perhaps a page fault of the host, which the guest does not see and which takes 10 to 60 µs: per 2 MiB that
/// is rare, per 4 KiB it is not (docs/design/0017-a-ring-for-all-writers.md).
template <class T>
class LargeArray {
  static_assert(std::is_nothrow_default_constructible_v<T>);

 public:
  /// Allocates and makes all values, so that all memory has been touched. @throws std::bad_alloc
  explicit LargeArray(std::size_t size) : values_(allocate(size), Delete{size}) {
    std::uninitialized_value_construct_n(values_.get(), size);
  }

  [[nodiscard]] T& operator[](std::size_t at) noexcept { return values_[at]; }
  [[nodiscard]] const T& operator[](std::size_t at) const noexcept { return values_[at]; }

 private:
  static constexpr std::size_t kHugePage = std::size_t{2} << 20U;

  struct Delete {
    std::size_t size;
    void operator()(T* values) const noexcept {
      std::destroy_n(values, size);
      ::operator delete(values, alignment(size));
    }
  };

  static constexpr std::align_val_t alignment(std::size_t size) noexcept {
    return std::align_val_t(size * sizeof(T) >= kHugePage ? kHugePage : alignof(T));
  }
  /// What is larger than a huge page gets whole ones: its end would lie in small ones otherwise.
  static T* allocate(std::size_t size) {
    const std::size_t bytes = size * sizeof(T);
    if (bytes < kHugePage) {
      return static_cast<T*>(::operator new(bytes, alignment(size)));
    }
    const std::size_t whole = (bytes + kHugePage - 1) / kHugePage * kHugePage;
    void* const memory = ::operator new(whole, alignment(size));
    advise_huge_pages(memory, whole);
    return static_cast<T*>(memory);
  }

  std::unique_ptr<T[], Delete> values_;
};

}  // namespace takt::realtime
