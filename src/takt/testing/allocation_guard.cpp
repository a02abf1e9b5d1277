#include "takt/testing/allocation_guard.hpp"

#include <cerrno>
#include <cstddef>

#include "takt/core/sanitizers.hpp"

namespace {

// Zero-initialised thread-local storage of the program itself: touching it never allocates.
thread_local std::uint64_t allocations = 0;
thread_local std::uint64_t allocated_bytes = 0;

void note(std::size_t size) noexcept {
  ++allocations;
  allocated_bytes += size;
}

}  // namespace

#if TAKT_SANITIZED

// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): the sanitizer's own name
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void*, std::size_t),
                                                         void (*free_hook)(const volatile void*));

namespace {

[[maybe_unused]] const int installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void* /*block*/, std::size_t size) { note(size); }, [](const volatile void* /*block*/) {});

}  // namespace

#else

extern "C" {
// glibc's own entry points below the public names.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

void* malloc(std::size_t size) {
  note(size);
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
  note(count * size);
  return __libc_calloc(count, size);
}

void* realloc(void* block, std::size_t size) {
  note(size);
  return __libc_realloc(block, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  note(size);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  note(size);
  *block = __libc_memalign(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}
}

#endif

namespace takt::testing {

AllocationGuard::AllocationGuard() noexcept : start_(allocations), start_bytes_(allocated_bytes) {}

std::uint64_t AllocationGuard::count() const noexcept {
  return allocations - start_;
}

std::uint64_t AllocationGuard::bytes() const noexcept {
  return allocated_bytes - start_bytes_;
}

}  // namespace takt::testing
