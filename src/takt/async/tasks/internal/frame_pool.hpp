#pragma once

#include <cstddef>

/// Memory for coroutine frames and the records of running tasks: freed blocks are kept per thread and size class, so
/// that a program in its steady state allocates nothing. Internal to async.
namespace takt::async::internal {

/// A block of `size` bytes, aligned for any scalar. @throws std::bad_alloc
[[nodiscard]] void* allocate_frame(std::size_t size);

/// Takes a block back that allocate_frame(size) of any thread gave. Keeps it for this thread's next frame, up to
/// 4096 blocks of each size class; under AddressSanitizer it frees it at once, so that a use after free is seen.
void free_frame(void* block, std::size_t size) noexcept;

}  // namespace takt::async::internal
